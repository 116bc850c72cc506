import { StrictMode } from 'react';
import { I18nProvider } from 'react-aria-components';
import { createRoot } from 'react-dom/client';
import { ComputePool } from '../compute/pool';
import { chooseLocale, localeOf } from '../locales/say';
import { askedDemo } from '../state/demoScripts';
import { loadGraphics } from '../viewer/loadGraphics';
import { Viewer } from '../viewer/viewer';
import { afterFirstPaint } from './afterFirstPaint';
import { connectDemo } from './connectDemo';
import { BrowserInstallation } from './connectInstallation';
import { connectViewer } from './connectViewer';
import { createApp } from './createApp';
import { askBeforeLeaving } from './leaving';
import { Page } from './page';
import { createServices } from './services';

const locale = localeOf(new URLSearchParams(location.search).get('lang'));
chooseLocale(locale);
document.documentElement.lang = locale;

const compute = new ComputePool();
const installation = new BrowserInstallation();
const app = createApp(createServices(document.baseURI, location.search, compute, installation));
const viewer = new Viewer(app.report);
connectViewer(app, viewer);
connectDemo(app, viewer);
askBeforeLeaving(app);

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <I18nProvider locale={locale}>
      <Page app={app} viewer={viewer} />
    </I18nProvider>
  </StrictMode>,
);

void app.loadModels();
void installation.connect(app);
// Before the first scan. What fails then fails again, and is said, at the first scan.
afterFirstPaint(() => {
  compute.warmUp();
  loadGraphics().catch(() => undefined);
});
const demo = askedDemo(new URLSearchParams(location.search).get('demo'));
if (demo) void app.startDemo(demo);
