import { describe, expect, it } from 'vitest';
import { ModelError } from '../core/errors';
import { app } from '../testing/testApp';

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
