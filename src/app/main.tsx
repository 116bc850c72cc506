import { StrictMode } from 'react';
import { I18nProvider } from 'react-aria-components';
import { createRoot } from 'react-dom/client';
import { chooseLocale } from '../locales/say';
import { Viewer } from '../viewer/viewer';
import { connectViewer } from './connectViewer';
import { createApp } from './createApp';
import { askBeforeLeaving } from './leaving';
import { Page } from './page';
import { createServices } from './services';

// The machine-made language is for finding texts that nobody translated.
const locale = new URLSearchParams(location.search).get('lang') === 'en-XA' ? 'en-XA' : 'en';
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
if (new URLSearchParams(location.search).get('demo') === '1') void app.openDemo();
