/**
 * The bodies of organscope::EPA that the kernel computes. A file may define the function as it likes, so a call is only
 * taken when the body it came with is, up to the names of its values, one of these.
 */
import type { Node, OnnxFunction } from './decode';

export interface EpaFlavour {
  /** 'linear': E and F with biases (which may be one and the same); 'plain': one matrix without. */
  readonly projection: 'linear' | 'plain';
  readonly fusion: 'concat' | 'sum';
}

const INPUTS = ['x', 'qkvv', 'temperature', 'temperature2'];

/** A body as text, one node per line: outputs = Op(inputs) attributes. */
function expectedBody({ projection, fusion }: EpaFlavour): { inputs: string[]; lines: string[] } {
  const project = (source: string, name: string, out: string) =>
    projection === 'plain'
      ? [`${out} = MatMul(${source}, ef)`]
      : [`${out}_ = MatMul(${source}, ${name})`, `${out} = Add(${out}_, ${name}_bias)`];
  const lines = [
    'qkvv_shape = Constant() value_ints=@qkvv_shape',
    'tokens_shape = Constant() value_ints=@tokens_shape',
    'projected = MatMul(x, qkvv)',
    'split = Reshape(projected, qkvv_shape)',
    'roles = Transpose(split) perm=1,2,3,0',
    'q, k, v, s = Split(roles) axis=0',
    ...project('k', 'e', 'kp'),
    ...project('s', 'f', 'sp'),
    'qn = LpNormalization(q) axis=-1 p=2',
    'kn = LpNormalization(k) axis=-1 p=2',
    'knt = Transpose(kn) perm=0,1,3,2',
    'gram = MatMul(qn, knt)',
    'cs = Mul(gram, temperature)',
    'cw = Softmax(cs) axis=-1',
    'ch = MatMul(cw, v)',
    'ct = Transpose(ch) perm=0,3,1,2',
    'channel = Reshape(ct, tokens_shape)',
    'qnt = Transpose(qn) perm=0,1,3,2',
    'affinity = MatMul(qnt, kp)',
    'ss = Mul(affinity, temperature2)',
    'sw = Softmax(ss) axis=-1',
    'spt = Transpose(sp) perm=0,1,3,2',
    'sh = MatMul(sw, spt)',
    'st = Transpose(sh) perm=0,3,1,2',
    'spatial = Reshape(st, tokens_shape)',
    ...(fusion === 'sum'
      ? ['y = Add(channel, spatial)']
      : [
          'h1 = MatMul(spatial, out1)',
          'o1 = Add(h1, out1_bias)',
          'h2 = MatMul(channel, out2)',
          'o2 = Add(h2, out2_bias)',
          'y = Concat(o1, o2) axis=-1',
        ]),
  ];
  const inputs = [
    ...INPUTS,
    ...(projection === 'plain' ? ['ef'] : ['e', 'e_bias', 'f', 'f_bias']),
    ...(fusion === 'concat' ? ['out1', 'out1_bias', 'out2', 'out2_bias'] : []),
  ];
  return { inputs, lines };
}

const FLAVOURS: readonly EpaFlavour[] = [
  { projection: 'linear', fusion: 'concat' },
  { projection: 'linear', fusion: 'sum' },
  { projection: 'plain', fusion: 'concat' },
  { projection: 'plain', fusion: 'sum' },
];

/** Text of a node in the form of `expectedBody`. */
function line({ outputs, opType, domain, inputs, attributes }: Node): string {
  const values = [...attributes.values()].map((a) => {
    if (a.reference) return `${a.name}=@${a.reference}`;
    return `${a.name}=${a.ints.length ? a.ints.join() : a.i}`;
  });
  return `${outputs.join(', ')} = ${domain}${opType}(${inputs.join(', ')}) ${values.sort().join(' ')}`.trim();
}

/** The same text with values numbered as they appear, inputs first, so that their names do not matter. */
function canonical(inputs: readonly string[], lines: readonly string[], results: readonly string[]): string {
  const numbers = new Map<string, string>();
  const rename = (name: string) => {
    if (!numbers.has(name)) numbers.set(name, `%${numbers.size}`);
    return numbers.get(name) as string;
  };
  for (const name of inputs) rename(name);
  const list = (names: string) => names.split(', ').map(rename).join(' ');
  const body = lines.map((text) => {
    const [, outputs, op, args, attributes] = /^(.*) = (\S*?)\((.*)\)(.*)$/.exec(text) ?? ['', '', '', '', text];
    return `${list(outputs)} = ${op}(${args ? list(args) : ''})${attributes}`;
  });
  return [...body, `return ${results.map(rename).join(' ')}`].join('\n');
}

const KNOWN = new Map(
  FLAVOURS.map((flavour) => {
    const { inputs, lines } = expectedBody(flavour);
    return [`${inputs.length}\n${canonical(inputs, lines, ['y'])}`, flavour] as const;
  }),
);

const flavours = new WeakMap<OnnxFunction, EpaFlavour | null>();

/** Which flavour a call of organscope::EPA is, by the function the file defines; null when the kernel has no such one. */
export function epaFlavour(functions: readonly OnnxFunction[], call: Node): EpaFlavour | null {
  const f = functions.find((g) => g.domain === call.domain && g.name === call.opType);
  if (!f || f.inputs.length !== call.inputs.length || call.inputs.some((name) => name === '')) return null;
  const known = flavours.get(f);
  if (known !== undefined) return known;
  const flavour = KNOWN.get(`${f.inputs.length}\n${canonical(f.inputs, f.nodes.map(line), f.outputs)}`) ?? null;
  flavours.set(f, flavour);
  return flavour;
}
