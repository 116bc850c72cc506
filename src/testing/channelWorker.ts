/** A worker without a thread: real structured cloning in both directions, so that the boundary itself is under test. */
import { MessageChannel } from 'node:worker_threads';
import type { Calls, Reply, Request } from '../workers/calls';
import type { WorkerLike } from '../workers/remote';
import { serve } from '../workers/serve';

export class ChannelWorker implements WorkerLike {
  onmessage: WorkerLike['onmessage'] = null;
  onerror: WorkerLike['onerror'] = null;
  onmessageerror: WorkerLike['onmessageerror'] = null;
  terminated = false;
  private readonly channel = new MessageChannel();

  /** @param refuse requests that cannot be cloned */
  constructor(
    calls: Calls,
    private readonly refuse: (request: Request) => boolean = () => false,
  ) {
    const handle = serve((reply, transfer) => this.channel.port2.postMessage(reply, transfer as never), calls);
    this.channel.port2.on('message', handle);
    this.channel.port1.on('message', (data: Reply) => this.onmessage?.({ data } as MessageEvent<Reply>));
  }

  postMessage(request: Request, transfer?: Transferable[]): void {
    if (this.refuse(request)) throw new RangeError('Array buffer allocation failed');
    this.channel.port1.postMessage(request, transfer as never);
  }

  terminate(): void {
    this.terminated = true;
    this.channel.port1.close();
  }
}
