/** The arrays behind a study's handles: outside the document, so that nothing compares, copies or serialises an array. */
import { InternalError } from '../core/errors';
import { type Id, newId } from '../core/ids';
import type { VoxelArray } from '../volume/grid';

/** The kinds of arrays, by their names in handles. */
export interface VoxelArrays {
  int8: Int8Array;
  uint8: Uint8Array;
  int16: Int16Array;
  uint16: Uint16Array;
  int32: Int32Array;
  uint32: Uint32Array;
  float32: Float32Array;
  float64: Float64Array;
}

export type VoxelType = keyof VoxelArrays;

/** Names an array in a VoxelStore. */
export interface VoxelHandle<Type extends VoxelType = VoxelType> {
  readonly id: Id<'voxels'>;
  readonly type: Type;
  /** Voxels, not bytes. */
  readonly length: number;
}

const TYPES: Readonly<Record<string, VoxelType>> = {
  Int8Array: 'int8',
  Uint8Array: 'uint8',
  Int16Array: 'int16',
  Uint16Array: 'uint16',
  Int32Array: 'int32',
  Uint32Array: 'uint32',
  Float32Array: 'float32',
  Float64Array: 'float64',
};

export class VoxelStore {
  private readonly arrays = new Map<VoxelHandle['id'], VoxelArray>();

  /** @param data kept, not copied */
  add(data: Uint8Array): VoxelHandle<'uint8'>;
  add(data: VoxelArray): VoxelHandle;
  add(data: VoxelArray): VoxelHandle {
    const handle: VoxelHandle = { id: newId('voxels'), type: TYPES[data[Symbol.toStringTag]], length: data.length };
    this.arrays.set(handle.id, data);
    return handle;
  }

  /**
   * The array itself, not a copy; shared memory where the page is cross-origin isolated.
   * @throws InternalError('voxels-gone') once removed
   */
  get<Type extends VoxelType>({ id }: VoxelHandle<Type>): VoxelArrays[Type] {
    const data = this.arrays.get(id);
    if (!data) throw new InternalError('voxels-gone', { id });
    return data as VoxelArrays[Type];
  }

  /** Frees the memory, as far as nobody else holds the array. */
  remove({ id }: Pick<VoxelHandle, 'id'>): void {
    this.arrays.delete(id);
  }

  /** How many arrays there are. */
  get size(): number {
    return this.arrays.size;
  }
}
