/** Segments that try to share the engine's device and move to the CPU where that does not work. */
import { AppError } from '../../../core/errors';
import { type Parameter, reasonOf } from '../../../core/messages';
import { withErrorScopes } from '../../gpu/errorScopes';
import type { OwnedDevice } from '../../gpu/ownedDevice';
import type { OpenSegment, SegmentSession } from './engine';

/** Told once per segment that had to move. */
export type OnFallback = (why: Parameter) => void;

/**
 * A segment whose session cannot be opened on the device, or whose first run fails, or which upsets the device in either,
 * is opened again through the CPU and the run repeated there. ONNX Runtime does not hear of buffers that belong to another
 * device or of memory that was not there, and its results would be numbers without meaning. A later failure is an error
 * like any other: by then sharing has worked, and the device's owner hears of it. A device that failed is never a reason
 * to move, for the engine fails with it.
 * @param shared opens segments on the engine's device
 * @param throughCpu opens them through the CPU
 */
export function segmentsWithFallback(
  owned: OwnedDevice,
  shared: OpenSegment,
  throughCpu: OpenSegment,
  onFallback: OnFallback,
): OpenSegment {
  const { device } = owned;
  return async (segment, plan) => {
    const move = async (cause: unknown): Promise<SegmentSession> => {
      const failure = await owned.whyFailed();
      if (failure) throw failure;
      const session = await throughCpu(segment, plan);
      onFallback(cause instanceof AppError ? { code: cause.code, parameters: cause.parameters } : reasonOf(cause));
      return session;
    };
    let proven = false;
    let session: SegmentSession;
    try {
      session = await openGuarded(device, () => shared(segment, plan));
    } catch (cause) {
      session = await move(cause);
      proven = true;
    }
    return {
      async run(inputs) {
        if (proven) return session.run(inputs);
        let outputs: Awaited<ReturnType<SegmentSession['run']>>;
        try {
          outputs = await withErrorScopes(device, () => session.run(inputs));
        } catch (cause) {
          const failed = session;
          session = await move(cause);
          await failed.dispose().catch(() => undefined);
          outputs = await session.run(inputs);
        }
        proven = true;
        return outputs;
      },
      releaseOutputs: () => session.releaseOutputs(),
      dispose: () => session.dispose(),
    };
  };
}

/** A session that upset the device when it was opened (no memory for its weights, say) is closed again. */
async function openGuarded(device: GPUDevice, open: () => Promise<SegmentSession>): Promise<SegmentSession> {
  let opened: SegmentSession | null = null;
  try {
    return await withErrorScopes(device, async () => {
      opened = await open();
      return opened;
    });
  } catch (error) {
    await (opened as SegmentSession | null)?.dispose().catch(() => undefined);
    throw error;
  }
}
