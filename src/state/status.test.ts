import { describe, expect, it } from 'vitest';
import { type AppEvent, BEFORE_READING, can, INITIAL_STATUS, type Status, TRANSITIONS, transition } from './status';

const STATUSES = Object.keys(TRANSITIONS) as Status[];
const EVENTS: AppEvent[] = [
  'open',
  'read',
  'kept',
  'segment',
  'slab',
  'cancel',
  'segmented',
  'cancelled',
  'segment-failed',
  'cleared',
];

/** A way to every status, as a user would get there. */
const PATHS: Record<Status, AppEvent[]> = {
  idle: [],
  reading: ['open'],
  ready: ['open', 'read'],
  segmenting: ['open', 'read', 'segment'],
  cancelling: ['open', 'read', 'segment', 'cancel'],
  segmented: ['open', 'read', 'segment', 'segmented'],
  cancelled: ['open', 'read', 'segment', 'cancel', 'cancelled'],
  failed: ['open', 'read', 'segment', 'segment-failed'],
};

const walk = (events: readonly AppEvent[], from = INITIAL_STATUS) => events.reduce(transition, from);

describe('the app state machine', () => {
  it.each(STATUSES)('reaches %s from the start', (status) => {
    expect(walk(PATHS[status]).status).toBe(status);
  });

  const listed = STATUSES.flatMap((status) => EVENTS.map((event) => ({ status, event }))).filter(({ status, event }) =>
    can(status, event),
  );
  const unlisted = STATUSES.flatMap((status) => EVENTS.map((event) => ({ status, event }))).filter(
    ({ status, event }) => !can(status, event),
  );

  it.each(listed)('goes from $status on $event where the table says', ({ status, event }) => {
    const before = walk(PATHS[status]);
    const target = TRANSITIONS[status][event];
    const expected = target === BEFORE_READING ? before.beforeReading : target;
    expect(transition(before, event).status).toBe(expected);
  });

  it.each(unlisted)('stays in $status on $event, which the table does not list', ({ status, event }) => {
    const before = walk(PATHS[status]);
    expect(transition(before, event)).toBe(before);
  });

  it.each(['idle', 'ready', 'segmented', 'cancelled', 'failed'] as const)(
    'returns to %s when what was open stays, so nothing the user had is lost',
    (status) => {
      expect(walk(['open', 'kept'], walk(PATHS[status])).status).toBe(status);
    },
  );

  it('returns to where it was when a second file is opened while the first is read, and what was open stays', () => {
    expect(walk(['open', 'open', 'kept'], walk(PATHS.segmented)).status).toBe('segmented');
  });

  it('accepts the result of a run that ended before the cancel arrived', () => {
    expect(walk(['segmented'], walk(PATHS.cancelling)).status).toBe('segmented');
  });

  it('stays where it is when a part of the mask arrives, and takes none after a cancel', () => {
    expect(walk(['slab', 'slab'], walk(PATHS.segmenting)).status).toBe('segmenting');
    expect(can('cancelling', 'slab')).toBe(false);
  });

  it('does not open a file while segmenting', () => {
    expect(can('segmenting', 'open')).toBe(false);
    expect(can('cancelling', 'open')).toBe(false);
  });
});
