/**
 * The worker's side of protocol.ts, without the worker: requests in, replies out, every failure answered. Tested in Node
 * over a MessageChannel; worker.ts plugs it into a real worker.
 */
import { toWire } from '../core/errors';
import type { StoredModel } from '../models/library';
import type { Volume } from '../volume/volume';
import { Assembly, isOutOfMemory, tooLarge, transferOf } from './handOver';
import type { AddModelRequest, SegmentEvents, SegmentRequest } from './job/requests';
import type { AddProgress, ModelStorage, Reply, Request, SegmentResult } from './protocol';

/** What the requests are turned into. */
export interface Handlers {
  read(file: Blob, name: string): Promise<Volume>;
  segment(request: SegmentRequest, signal: AbortSignal, events: SegmentEvents): Promise<SegmentResult>;
  addModel(
    request: AddModelRequest,
    signal: AbortSignal,
    onProgress: (progress: AddProgress) => void,
  ): Promise<StoredModel>;
  listModels(): Promise<ModelStorage>;
  deleteModel(modelId: string): Promise<ModelStorage>;
}

/** @returns the function to call with every incoming request */
export function serve(
  post: (reply: Reply, transfer: Transferable[]) => void,
  handlers: Handlers,
): (request: Request) => void {
  const running = new Map<number, AbortController>();
  const assemblies = new Map<number, Assembly>();

  const answer = async (id: number, work: (signal: AbortSignal) => Promise<[Reply, Transferable[]]>) => {
    const controller = new AbortController();
    running.set(id, controller);
    try {
      post(...(await work(controller.signal)));
    } catch (error) {
      post({ kind: 'failed', id, error: toWire(error) }, []);
    } finally {
      running.delete(id);
    }
  };

  const segment = async (request: Extract<Request, { kind: 'segment' }>, signal: AbortSignal) => {
    const { id } = request;
    try {
      const volumes = (assemblies.get(id) ?? new Assembly()).whole(request.volumes);
      return await handlers.segment({ ...request, volumes }, signal, {
        onProgress: (progress, provider) => post({ kind: 'progress', id, progress, provider }, []),
        onSlab: (box) => post({ kind: 'slab', id, box }, [box.data.buffer]),
      });
    } catch (error) {
      throw isOutOfMemory(error) ? tooLarge(request.volumes, error) : error;
    } finally {
      assemblies.delete(id);
    }
  };

  return (request) => {
    const { id } = request;
    switch (request.kind) {
      case 'read':
        answer(id, async () => {
          const volume = await handlers.read(request.file, request.name);
          return [{ kind: 'volume', id, volume }, transferOf(volume)];
        });
        break;
      case 'piece': {
        const assembly = assemblies.get(id) ?? new Assembly();
        assemblies.set(id, assembly);
        assembly.add(request.piece);
        break;
      }
      case 'segment':
        answer(id, async (signal) => {
          const result = await segment(request, signal);
          return [{ kind: 'segmented', id, result }, [result.labels.data.buffer as ArrayBuffer]];
        });
        break;
      case 'add-model':
        answer(id, async (signal) => {
          const report = (progress: AddProgress) => post({ kind: 'adding', id, progress }, []);
          return [{ kind: 'model-added', id, model: await handlers.addModel(request, signal, report) }, []];
        });
        break;
      case 'list-models':
        answer(id, async () => [{ kind: 'models', id, storage: await handlers.listModels() }, []]);
        break;
      case 'delete-model':
        answer(id, async () => [{ kind: 'models', id, storage: await handlers.deleteModel(request.modelId) }, []]);
        break;
      case 'cancel':
        assemblies.delete(id);
        running.get(id)?.abort();
        break;
    }
  };
}
