/** The arrays behind a study's handles: outside the document, so that nothing compares, copies or serialises an array. */
import { newId } from '../core/ids';
import type { VoxelArray } from '../volume/grid';
import type { VoxelHandle } from './document';

const TYPES = {
  Int8Array: 'int8',
  Uint8Array: 'uint8',
  Int16Array: 'int16',
  Uint16Array: 'uint16',
  Int32Array: 'int32',
  Uint32Array: 'uint32',
  Float32Array: 'float32',
  Float64Array: 'float64',
} as const;

export class VoxelStore {
  private readonly arrays = new Map<VoxelHandle['id'], VoxelArray>();

  add(data: VoxelArray): VoxelHandle {
    const handle: VoxelHandle = {
      id: newId('voxels'),
      type: TYPES[data.constructor.name as keyof typeof TYPES],
      length: data.length,
    };
    this.arrays.set(handle.id, data);
    return handle;
  }

  /** The array itself, not a copy; shared memory where the page is cross-origin isolated. @throws RangeError once removed */
  get({ id }: VoxelHandle): VoxelArray {
    const data = this.arrays.get(id);
    if (!data) throw new RangeError(`There are no voxels ${id}.`);
    return data;
  }

  /** Frees the memory, as far as nobody else holds the array. */
  remove({ id }: VoxelHandle): void {
    this.arrays.delete(id);
  }
}
