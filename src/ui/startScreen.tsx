/** What a visitor sees first. */
import { useStore } from 'zustand';
import { t } from '../locales/say';
import type { App } from '../state/app';
import { OpenButton } from './fileOpening';
import { Notices } from './notices';

export function StartScreen({ app, onModels }: { app: App; onModels: () => void }) {
  const readingText = useStore(app.state, ({ readingName }) => readingName && t('reading', { name: readingName }));
  const models = useStore(app.state, (now) => now.models);
  const reading = readingText !== null;
  return (
    <main className="start">
      <div className="start-column">
        <h1>
          <img src={`${import.meta.env.BASE_URL}icon.svg`} alt="" width="40" height="40" />
          Organscope
        </h1>
        <p className="start-what">
          Outlines anatomical structures in a CT or MR scan and measures their volumes, right in this browser.
        </p>
        <div className="start-drop" data-busy={reading || undefined}>
          <p className="start-drop-title" role="status">
            {readingText ?? 'Drop a NIfTI scan here'}
          </p>
          <p className="start-drop-hint">.nii or .nii.gz, or a model of your own: its folder or zip</p>
          <OpenButton app={app} className="button button-primary button-large" disabled={reading}>
            Open a file…
          </OpenButton>
        </div>
        <button type="button" className="start-demo" disabled={reading} onClick={() => void app.openDemo()}>
          <span className="start-demo-title">Try it with a sample brain</span>
          <span className="start-demo-hint">An averaged T1 scan, segmented straight away</span>
        </button>
        <Notices app={app} />
        <p className="start-promise">
          <strong>Files never leave this computer.</strong> Reading, segmenting and measuring all happen in this page.
        </p>
        <p className="start-promise">
          {models.length === 1 ? 'Model' : 'Models'}:{' '}
          {models
            .map(({ manifest }) => (manifest.experimental ? `${manifest.title} (experimental)` : manifest.title))
            .join(', ') || 'none yet'}
          .{' '}
          <button type="button" className="link" onClick={onModels}>
            Choose or add models…
          </button>
        </p>
        <p className="start-promise">Not for clinical use.</p>
      </div>
    </main>
  );
}
