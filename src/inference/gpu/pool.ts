/** Memory of a program's temporaries: one pool, in which tensors that never live at the same time share a slot. */
import type { Recorder, TensorId } from './recorder';

/** `slots`: pool slot of every tensor, -1 for those that are not temporary; `sizes`: bytes of every slot. */
export interface PoolPlan {
  readonly slots: readonly number[];
  readonly sizes: readonly number[];
}

/** First-fit by lifetime: a slot is free again after its tensor's last use. */
export function planPool(recorder: Recorder): PoolPlan {
  const lastUse = new Map<TensorId, number>();
  recorder.steps.forEach(({ tensors }, step) => {
    for (const id of tensors) lastUse.set(id, step);
  });
  const slots = recorder.tensors.map(() => -1);
  const sizes: number[] = [];
  const free = new Set<number>();
  recorder.steps.forEach(({ tensors }, step) => {
    for (const id of tensors) {
      const tensor = recorder.tensors[id];
      if (tensor.kind !== 'temporary' || slots[id] >= 0) continue;
      // The smallest free slot that is large enough, else the largest free one grown, else a new one.
      const candidates = [...free].sort((a, b) => sizes[a] - sizes[b]);
      const slot = candidates.find((s) => sizes[s] >= tensor.bytes) ?? candidates.at(-1) ?? sizes.length;
      sizes[slot] = Math.max(sizes[slot] ?? 0, tensor.bytes);
      free.delete(slot);
      slots[id] = slot;
    }
    for (const id of new Set(tensors)) {
      if (lastUse.get(id) === step && slots[id] >= 0) free.add(slots[id]);
    }
  });
  return { slots, sizes };
}
