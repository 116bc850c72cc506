import { StrictMode } from 'react';
import { I18nProvider } from 'react-aria-components';
import { createRoot } from 'react-dom/client';
import { chooseLocale, localeOf } from '../locales/say';
import { loadGraphics } from '../viewer/loadGraphics';
import { Viewer } from '../viewer/viewer';
import { connectViewer } from './connectViewer';
import { createApp } from './createApp';
import { askBeforeLeaving } from './leaving';
import { Page } from './page';
import { createServices } from './services';

const locale = localeOf(new URLSearchParams(location.search).get('lang'));
chooseLocale(locale);
document.documentElement.lang = locale;

const app = createApp(createServices(document.baseURI, location.search));
const viewer = new Viewer(app.report);
connectViewer(app, viewer);
askBeforeLeaving(app);

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <I18nProvider locale={locale}>
      <Page app={app} viewer={viewer} />
    </I18nProvider>
  </StrictMode>,
);

void app.loadModels();
// When the page is there, and before the first scan. What fails then fails again, and is said, at the first scan.
setTimeout(() => loadGraphics().catch(() => undefined), 0);
if (new URLSearchParams(location.search).get('demo') === '1') void app.openDemo();
