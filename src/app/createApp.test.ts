import { describe, expect, it } from 'vitest';
import { ModelError } from '../core/errors';
import { shownLabels } from '../state/results';
import { app, open } from '../testing/testApp';

describe('the demo', () => {
  it('waits for the models, then opens and segments the sample', async () => {
    const a = app();
    await a.openDemo();
    expect(a.state.getState()).toMatchObject({ status: 'segmented', modelId: 'bundled:brain-mri' });
  });

  it('shows the scan even when there is no model', async () => {
    const a = app({}, { fetchModels: () => Promise.reject(new ModelError('models-missing')) });
    await a.openDemo();
    const { status, notices } = a.state.getState();
    expect(status).toBe('ready');
    expect(notices.map(({ message }) => message.code)).toContain('models-missing');
  });
});

describe('the state', () => {
  it('never names what is not open, and tells of a result with the status that goes with it', async () => {
    const a = app();
    const statuses: string[] = [];
    a.state.subscribe((now) => {
      const { study, shownScanId, shownLabelsId, assignment, status } = now;
      const ids = [...study.scans, ...study.labelMaps].map(({ id }) => id);
      expect(ids).toEqual(expect.arrayContaining([shownScanId, shownLabelsId, ...assignment].filter(Boolean)));
      expect(status === 'segmented').toBe(shownLabels(now) !== null && status !== 'reading' && status !== 'segmenting');
      if (statuses.at(-1) !== status) statuses.push(status);
    });
    await a.loadModels();
    await open(a, 'a.nii');
    await a.segment();
    await a.segment();
    a.markSaved(a.study.document.labelMaps[0]);
    await open(a, 'b.nii');
    expect(statuses).toEqual([
      'idle',
      'reading',
      'ready',
      'segmenting',
      'segmented',
      'segmenting',
      'segmented',
      'reading',
      'ready',
    ]);
  });
});
