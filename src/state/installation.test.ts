import { expect, it } from 'vitest';
import { app, open, save, segmented } from '../testing/testApp';
import { isInUse, reloadHindrance } from './installation';

const installation = (applyUpdate: () => Promise<boolean>, reload: () => void = () => undefined) => ({
  applyUpdate,
  reload,
  showInstallPrompt: async () => undefined,
});

it('applies a newer version when the user says so, never during a run or before the masks are saved', async () => {
  let finish = () => {};
  let applied = 0;
  const a = app(
    {
      segment: ([scan]) =>
        new Promise((resolve) => {
          finish = () => resolve(segmented(scan));
        }),
    },
    { installation: installation(async () => ++applied > 0) },
  );
  await a.applyUpdate();
  expect(applied).toBe(0);
  a.noteInstallation({ update: 'waiting' });
  await a.loadModels();
  expect(isInUse(a.state.getState())).toBe(false);
  await open(a, 'a.nii');
  expect(isInUse(a.state.getState())).toBe(true);
  const run = a.segment();
  await a.applyUpdate();
  expect(reloadHindrance(a.state.getState())?.code).toBe('reload-after-run');
  finish();
  await run;
  await a.applyUpdate();
  expect(reloadHindrance(a.state.getState())?.code).toBe('reload-after-saving');
  expect(applied).toBe(0);
  save(a);
  await a.applyUpdate();
  expect(applied).toBe(1);
});

it('loads the page again once a newer version has taken over, but not in the middle of a run that began meanwhile', async () => {
  let [reloads, finish] = [0, () => {}];
  const begun: Promise<void>[] = [];
  const segment: Parameters<typeof app>[0] = {
    segment: ([scan]) =>
      new Promise((resolve) => {
        finish = () => resolve(segmented(scan));
      }),
  };
  const takesOver = async () => {
    begun.push(a.segment());
    return true;
  };
  const a = app(segment, { installation: installation(takesOver, () => void reloads++) });
  await a.loadModels();
  a.noteInstallation({ update: 'waiting' });
  await a.applyUpdate();
  expect(reloads).toBe(1);
  await open(a, 'a.nii');
  a.noteInstallation({ update: 'waiting' });
  await a.applyUpdate();
  expect(reloads).toBe(1);
  expect(a.state.getState()).toMatchObject({ update: 'none', status: 'segmenting' });
  expect(a.state.getState().notices.map(({ message }) => message.code)).toContain('replaced');
  finish();
  await Promise.all(begun);
});

it('says why a newer version was not applied, and offers it again', async () => {
  const a = app({}, { installation: installation(async () => false) });
  a.noteInstallation({ update: 'waiting' });
  await a.applyUpdate();
  expect(a.state.getState().update).toBe('waiting');
  expect(a.state.getState().notices.map(({ message }) => message.code)).toEqual(['update-elsewhere']);
});

it('says how to install it where the browser does not offer to', async () => {
  const a = app();
  await a.installApp();
  expect(a.state.getState().notices.map(({ message }) => message.code)).toEqual(['install-by-hand']);
});
