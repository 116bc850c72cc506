/** The life of the page as one table. The UI is drawn from the status; what is not in the table cannot happen. */

export type Status =
  /** No scan. */
  | 'idle'
  /** A file is being read; a scan that was open before still is. */
  | 'reading'
  /** A scan, not segmented yet. */
  | 'ready'
  | 'segmenting'
  /** The user asked to stop; the window being computed is finished first. */
  | 'cancelling'
  | 'segmented'
  | 'cancelled'
  /** The segmentation failed; the scan is still there. */
  | 'failed';

export type AppEvent =
  | 'open'
  | 'read'
  /** What was open stays: another scan joined it, masks were laid over it, the user chose so, or nothing could be read. */
  | 'kept'
  | 'segment'
  /** A part of the mask is final and shown while the rest is computed. */
  | 'slab'
  | 'cancel'
  | 'segmented'
  | 'cancelled'
  | 'segment-failed'
  /** What a run has left is taken away, without another in its place. */
  | 'cleared';

/** Back to the status before reading: what stays open is what it was. */
export const BEFORE_READING = 'before-reading';

type Target = Status | typeof BEFORE_READING;

export const TRANSITIONS: Readonly<Record<Status, Readonly<Partial<Record<AppEvent, Target>>>>> = {
  idle: { open: 'reading' },
  // A newer file takes the place of the one being read.
  reading: { open: 'reading', read: 'ready', kept: BEFORE_READING },
  ready: { open: 'reading', segment: 'segmenting' },
  // No 'open' here: a run is not thrown away by a stray drop.
  segmenting: {
    slab: 'segmenting',
    cancel: 'cancelling',
    segmented: 'segmented',
    cancelled: 'cancelled',
    'segment-failed': 'failed',
  },
  // No 'slab' here: a mask that will be thrown away does not grow any more.
  cancelling: { segmented: 'segmented', cancelled: 'cancelled', 'segment-failed': 'failed' },
  segmented: { open: 'reading', segment: 'segmenting', cleared: 'ready' },
  cancelled: { open: 'reading', segment: 'segmenting', cleared: 'ready' },
  failed: { open: 'reading', segment: 'segmenting', cleared: 'ready' },
};

export interface StatusState {
  readonly status: Status;
  /** Where a failed read leads back to. */
  readonly beforeReading: Status;
}

export const INITIAL_STATUS: StatusState = { status: 'idle', beforeReading: 'idle' };

export const can = (status: Status, event: AppEvent): boolean => TRANSITIONS[status][event] !== undefined;

/** The next state; an event that the table does not list changes nothing. */
export function transition(machine: StatusState, event: AppEvent): StatusState {
  const target = TRANSITIONS[machine.status][event];
  if (!target) return machine;
  const beforeReading = machine.status === 'reading' ? machine.beforeReading : machine.status;
  return { status: target === BEFORE_READING ? machine.beforeReading : target, beforeReading };
}

/** A segmentation is running. */
export const isBusy = (status: Status): boolean => status === 'segmenting' || status === 'cancelling';
