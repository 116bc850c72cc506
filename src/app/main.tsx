import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Viewer } from '../viewer/viewer';
import { connectViewer } from './connectViewer';
import { createApp } from './createApp';
import { askBeforeLeaving } from './leaving';
import { Page } from './page';
import { createServices } from './services';

const app = createApp(createServices(document.baseURI, location.search));
const viewer = new Viewer(app.report);
connectViewer(app, viewer);
askBeforeLeaving(app);

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <Page app={app} viewer={viewer} />
  </StrictMode>,
);

void app.loadModels();
if (new URLSearchParams(location.search).get('demo') === '1') void app.openDemo();
