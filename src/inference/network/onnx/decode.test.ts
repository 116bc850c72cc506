import { readFileSync } from 'node:fs';
import { PbfWriter } from 'pbf';
import { describe, expect, it } from 'vitest';
import { ModelError } from '../../../core/errors';
import { say } from '../../../locales/say';
import { saying } from '../../../testing/saying';
import { decodeModel } from './decode';
import { encodeModel, makeTensor } from './encode';
import { makeModel, node } from './makeModel';

const fixture = (name: string) => new Uint8Array(readFileSync(new URL(`fixtures/${name}.onnx`, import.meta.url)));

/** A model with one Relu whose only weight is written by `write`. */
function withTensor(write: (pbf: PbfWriter) => void): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeMessage(
    7,
    (_: null, graph) => {
      graph.writeBytesField(1, node('Relu', ['w'], ['y']).bytes);
      graph.writeMessage(5, (_: null, tensor) => write(tensor), null);
    },
    null,
  );
  pbf.writeMessage(8, (_: null, opset) => opset.writeVarintField(2, 17), null);
  return pbf.finish();
}

describe('reading', () => {
  it('gives nodes, attributes, weights and shapes of an exported file', () => {
    const { graph, opsets, functions, irVersion } = decodeModel(fixture('shared-concat'));
    expect(irVersion).toBe(8);
    expect(opsets).toEqual(
      new Map([
        ['', 17],
        ['organscope', 1],
      ]),
    );
    expect(graph.inputs).toEqual([{ name: 'image', dataType: 1, dims: [1, 1, 16, 16, 16] }]);
    expect(graph.nodes[0]).toMatchObject({ opType: 'Conv', inputs: ['image', expect.stringMatching(/weight$/)] });
    expect(graph.nodes[0].attributes.get('strides')?.ints).toEqual([1, 2, 2]);
    expect(graph.initializers.get('out1.conv.conv.weight')).toMatchObject({ dims: [3, 4, 1, 1, 1], dataType: 1 });
    expect(functions.map((f) => [f.domain, f.name, f.inputs.length, f.outputs])).toEqual([
      ['organscope', 'EPA', 12, ['y']],
    ]);
  });

  it('takes weights in place where their bytes are aligned, and copies them where not, with equal values', () => {
    const model = makeModel(
      [node('Relu', ['x'], ['y'])],
      { w: { dims: [3], data: Float32Array.of(1, -2, 1e-30) } },
      [1],
    );
    const file = encodeModel(model);
    const offsets = [0, 1, 2, 3].map((shift) => {
      const moved = new Uint8Array(file.length + 4);
      moved.set(file, shift);
      const w = decodeModel(moved.subarray(shift, shift + file.length)).graph.initializers.get('w');
      expect(w?.data).toEqual(Float32Array.of(1, -2, 1e-30));
      return w?.data?.buffer === moved.buffer;
    });
    expect(offsets.filter((inPlace) => inPlace)).toHaveLength(1);
  });

  it('reads numbers kept in typed fields, packed or one by one', () => {
    const read = (write: (pbf: PbfWriter) => void) => decodeModel(withTensor(write)).graph.initializers.get('w')?.data;
    const head = (pbf: PbfWriter, type: number) => {
      pbf.writeVarintField(1, 2);
      pbf.writeVarintField(2, type);
      pbf.writeStringField(8, 'w');
    };
    const packed = read((pbf) => {
      head(pbf, 1);
      pbf.writePackedFloat(4, [0.5, -3]);
    });
    const single = read((pbf) => {
      head(pbf, 1);
      pbf.writeFloatField(4, 0.5);
      pbf.writeFloatField(4, -3);
    });
    expect([packed, single]).toEqual([Float32Array.of(0.5, -3), Float32Array.of(0.5, -3)]);
    const integers = read((pbf) => {
      head(pbf, 7);
      pbf.writePackedVarint(7, [-1, 2 ** 40]);
    });
    expect(integers).toEqual(BigInt64Array.of(-1n, 2n ** 40n));
  });

  it('keeps a tensor of a type it does not look into', () => {
    const file = withTensor((pbf) => {
      pbf.writeVarintField(1, 2);
      pbf.writeVarintField(2, 16); // bfloat16
      pbf.writeStringField(8, 'w');
      pbf.writeBytesField(9, new Uint8Array(4));
    });
    expect(decodeModel(file).graph.initializers.get('w')).toMatchObject({ dims: [2], dataType: 16, data: null });
  });
});

describe('writing', () => {
  it('gives back what was read', { timeout: 60_000 }, () => {
    const model = decodeModel(fixture('plain-unet'));
    expect(decodeModel(encodeModel(model))).toEqual(model);
    const { functions } = decodeModel(fixture('shared-concat'));
    expect(decodeModel(encodeModel({ ...model, functions })).functions).toEqual(functions);
  });

  it('writes tensors that read back as they were', () => {
    for (const data of [Float32Array.of(-0, 7), Int32Array.of(-5, 2 ** 31 - 1), BigInt64Array.of(-1n, 2n ** 62n)]) {
      const tensor = makeTensor('w', [2, 1], data);
      const model = makeModel([node('Relu', ['x'], ['y'])], {}, [1]);
      const graph = { ...model.graph, initializers: new Map([['w', tensor]]) };
      expect(decodeModel(encodeModel({ ...model, graph })).graph.initializers.get('w')).toMatchObject({
        dims: [2, 1],
        data,
      });
    }
  });
});

describe('files that cannot be used', () => {
  const failure = (file: Uint8Array) => {
    try {
      decodeModel(file);
    } catch (error) {
      return error as ModelError;
    }
    throw new Error('accepted');
  };

  it('a file cut anywhere is damaged, says so in a sentence, and never hangs', () => {
    const file = fixture('plain-unet');
    for (let length = 0; length < file.length - 8; length += 997) {
      const error = failure(file.subarray(0, length));
      expect(error).toBeInstanceOf(ModelError);
      expect(error.code).toBe('onnx-damaged');
      expect(say(error)).toMatch(new RegExp(`^model.onnx \\(${length} bytes\\) is not a complete ONNX file: .+\\.$`));
    }
  });

  it('a page served instead of the model is damaged', () => {
    const error = failure(new TextEncoder().encode('<!doctype html><html><body>Not found</body></html>'));
    expect(error).toMatchObject({ name: 'ModelError', code: 'onnx-damaged' });
  });

  it('flipped bytes give a ModelError or a model, never another error', () => {
    const file = fixture('plain-unet');
    for (let at = 0; at < file.length; at += 211) {
      const broken = file.slice();
      broken[at] ^= 0xff;
      try {
        decodeModel(broken);
      } catch (error) {
        expect(error).toBeInstanceOf(ModelError);
      }
    }
  });

  it('weights in a second file, sparse weights, an undefined type and a wrong count are named', () => {
    const named = (write: (pbf: PbfWriter) => void) =>
      failure(
        withTensor((pbf) => {
          pbf.writeStringField(8, 'enc.w');
          write(pbf);
        }),
      );
    const external = named((pbf) => {
      pbf.writeVarintField(2, 1);
      pbf.writeVarintField(14, 1);
    });
    expect(external).toEqual(saying('"enc.w"', 'onnx-external-data'));
    const undefinedType = named((pbf) => pbf.writeVarintField(2, 99));
    expect(undefinedType).toEqual(saying('type 99', 'onnx-tensor-type'));
    const short = named((pbf) => {
      pbf.writeVarintField(1, 3);
      pbf.writeVarintField(2, 1);
      pbf.writeBytesField(9, new Uint8Array(8));
    });
    expect(short).toEqual(saying('"enc.w" of [3]', 'onnx-damaged'));
  });
});
