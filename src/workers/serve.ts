/**
 * The worker's side of a table of calls, without the worker: requests in, replies out, every failure answered. Tested in
 * Node over a MessageChannel; a worker's own script plugs it into the real one.
 */
import { InternalError, toWire } from '../core/errors';
import { reasonOf } from '../core/messages';
import type { VoxelArray } from '../volume/grid';
import type { Call, Calls, Reply, Request } from './calls';
import { Assembly, isOutOfMemory, transferOf } from './handOver';

/** @returns the function to call with every incoming request */
export function serve(
  post: (reply: Reply, transfer: Transferable[]) => void,
  calls: Calls,
): (request: Request) => void {
  const running = new Map<number, AbortController>();
  const assemblies = new Map<number, Assembly>();

  const answer = async ({ id, name, input, voxels }: Extract<Request, { kind: 'call' }>) => {
    const controller = new AbortController();
    const given: VoxelArray[] = [];
    running.set(id, controller);
    try {
      const assembly = assemblies.get(id) ?? new Assembly();
      assemblies.delete(id);
      const call = calls[name] as Call<unknown, unknown, unknown>;
      const output = await call(input, {
        voxels: assembly.whole(voxels),
        signal: controller.signal,
        tell: (event, arrays = []) => post({ kind: 'event', id, event }, transferOf(arrays)),
        give: (...arrays) => given.push(...arrays),
      });
      post({ kind: 'done', id, output }, transferOf(given));
    } catch (error) {
      // Whoever called knows what the memory was for.
      const known = isOutOfMemory(error) ? new InternalError('out-of-memory', { why: reasonOf(error) }) : error;
      post({ kind: 'failed', id, error: toWire(known) }, []);
    } finally {
      running.delete(id);
    }
  };

  return (request) => {
    const { id } = request;
    switch (request.kind) {
      case 'piece': {
        const assembly = assemblies.get(id) ?? new Assembly();
        assemblies.set(id, assembly);
        assembly.add(request.piece);
        break;
      }
      case 'call':
        void answer(request);
        break;
      case 'cancel':
        assemblies.delete(id);
        running.get(id)?.abort();
        break;
    }
  };
}

/** Answers what this worker thread is asked for. */
export function serveThread(calls: Calls): void {
  const handle = serve((reply, transfer) => self.postMessage(reply, { transfer }), calls);
  self.addEventListener('message', (event: MessageEvent<Request>) => handle(event.data));
}
