/**
 * What crosses between the page and any worker of ours, whatever the worker does. Imported by both sides; knows neither
 * DOM nor GPU. A worker is a table of calls: functions of plain data, whose voxels travel beside it (handOver.ts).
 */
import type { WireError } from '../core/errors';
import type { VoxelArray } from '../volume/grid';
import type { Handed, Piece } from './handOver';

/** What a call is given beside its input. */
export interface CallContext<Event = never> {
  /** The arrays that the caller handed over, in its order. */
  readonly voxels: readonly VoxelArray[];
  /** Aborts when the caller cancels. */
  readonly signal: AbortSignal;
  /** Tells the caller something before the answer. @param given arrays in it that are the caller's from then on */
  tell(event: Event, given?: readonly VoxelArray[]): void;
  /** Marks arrays in the answer that are the caller's from then on; what is not marked is copied. */
  give(...arrays: readonly VoxelArray[]): void;
}

/** One thing that a worker can be asked for. Input, events and output survive structured cloning. */
export type Call<Input, Output, Event = never> = (input: Input, context: CallContext<Event>) => Promise<Output>;

/** The calls of a worker by name. */
export type Calls = Readonly<Record<string, Call<never, unknown, never>>>;

export type InputOf<C> = C extends Call<infer Input, unknown, never> ? Input : never;
export type OutputOf<C> = C extends (...given: never) => Promise<infer Output> ? Output : never;
export type EventOf<C> = C extends (input: never, context: CallContext<infer Event>) => unknown ? Event : never;

export type Request =
  /** Voxels of the 'call' with the same id, which follows. */
  | { readonly kind: 'piece'; readonly id: number; readonly piece: Piece }
  | {
      readonly kind: 'call';
      readonly id: number;
      readonly name: string;
      readonly input: unknown;
      readonly voxels: readonly Handed[];
    }
  | { readonly kind: 'cancel'; readonly id: number };

export type Reply =
  | { readonly kind: 'event'; readonly id: number; readonly event: unknown }
  | { readonly kind: 'done'; readonly id: number; readonly output: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly error: WireError };
