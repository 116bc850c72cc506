/** Where messages are made in source text: for the test that compares them with the sentences. */
import { parseSync } from 'vite';

/** A node of the syntax tree, as far as it is looked at here. */
interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** One place that makes a message or an error. */
export interface Use {
  /** `message`, `t`, `say`, the error's class, or `super` in a class of its own. */
  readonly by: string;
  /** Null where it is not written out. */
  readonly codes: readonly string[] | null;
  /** Names in an object literal; null where there is none to look at. */
  readonly parameters: readonly string[] | null;
  /** Whether the object literal takes in others (`...`), which may bring more names. */
  readonly isOpen: boolean;
  /** The second argument is a text where parameters belong. */
  readonly isText: boolean;
  readonly line: number;
}

const MESSAGE_MAKERS = ['message', 't', 'super'];
const APP_ERRORS = ['InvalidInputError', 'UnsupportedDeviceError', 'ModelError', 'GpuLostError', 'InternalError'];

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';

/** Calls `visit` for every node of a tree. */
function walk(node: Node, visit: (node: Node) => void): void {
  visit(node);
  for (const value of Object.values(node)) {
    for (const one of Array.isArray(value) ? value : [value]) if (isNode(one)) walk(one, visit);
  }
}

/** The expression inside `as`, `satisfies` and brackets. */
const bare = (node: Node): Node => (isNode(node.expression) ? bare(node.expression) : node);

/** The texts that an expression may be: a literal, or one of two by a condition; null for anything else. */
function textsOf(node: Node | undefined): readonly string[] | null {
  if (!node) return null;
  const expression = bare(node);
  if (expression.type === 'Literal') return typeof expression.value === 'string' ? [expression.value] : null;
  if (expression.type !== 'ConditionalExpression') return null;
  const [one, other] = [textsOf(expression.consequent as Node), textsOf(expression.alternate as Node)];
  return one && other && [...one, ...other];
}

const isText = (node: Node | undefined): boolean =>
  node !== undefined && (bare(node).type === 'TemplateLiteral' || textsOf(node) !== null);

/** Whether a text has words side by side. */
function isSentence(node: Node | undefined): boolean {
  if (!node) return false;
  const expression = bare(node);
  const pieces =
    expression.type === 'TemplateLiteral'
      ? (expression.quasis as readonly Node[]).map(({ value }) => String((value as { cooked: unknown }).cooked))
      : (textsOf(expression) ?? []);
  return pieces.some((text) => /\p{L} | \p{L}/u.test(text));
}

const keyOf = ({ key }: Node): string => String((key as Node).name ?? (key as Node).value);

function parametersOf(node: Node | undefined): Pick<Use, 'parameters' | 'isOpen'> {
  if (!node) return { parameters: [], isOpen: false };
  const expression = bare(node);
  if (expression.type !== 'ObjectExpression') return { parameters: null, isOpen: true };
  const properties = expression.properties as readonly Node[];
  const named = properties.filter(({ type }) => type === 'Property');
  return { parameters: named.map(keyOf), isOpen: named.length < properties.length };
}

/** `say({ code, parameters })` has both in one object; of everything else that is said, the code is elsewhere. */
function sayUse(node: Node | undefined): Pick<Use, 'codes' | 'parameters' | 'isOpen' | 'isText'> | null {
  if (node?.type !== 'ObjectExpression') return null;
  const property = (name: string) =>
    (node.properties as readonly Node[]).find((one) => one.type === 'Property' && keyOf(one) === name)?.value as
      | Node
      | undefined;
  if (!property('code')) return null;
  const parameters = property('parameters');
  return { codes: textsOf(property('code')), ...parametersOf(parameters), isText: isText(parameters) };
}

export interface Found {
  readonly uses: readonly Use[];
  /** Lines that make an error, whichever class it has, of a sentence. */
  readonly spokenErrors: readonly number[];
}

/**
 * Every place in a source that makes a message, and every error that is made of words.
 * @param path its ending says whether it is TypeScript with JSX
 */
export function usesIn(path: string, source: string): Found {
  const { program, errors } = parseSync(path, source);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0].message}`);
  const uses: Use[] = [];
  const spokenErrors: number[] = [];
  walk(program as unknown as Node, (node) => {
    if (node.type !== 'NewExpression' && node.type !== 'CallExpression') return;
    const callee = node.callee as Node;
    const by = callee.type === 'Super' ? 'super' : String(callee.name);
    const [first, second] = node.arguments as readonly (Node | undefined)[];
    // Other classes are made of other things.
    if (by === 'super' && !textsOf(first)) return;
    const line = source.slice(0, node.start as number).split('\n').length;
    if (node.type === 'NewExpression' && /(Error|Exception)$/.test(by) && isSentence(first)) spokenErrors.push(line);
    if (by === 'say') {
      const use = sayUse(first);
      if (use) uses.push({ by, line, ...use });
    } else if ((node.type === 'NewExpression' ? APP_ERRORS : MESSAGE_MAKERS).includes(by)) {
      uses.push({ by, line, codes: textsOf(first), ...parametersOf(second), isText: isText(second) });
    }
  });
  return { uses, spokenErrors };
}
