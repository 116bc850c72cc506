import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Page } from './app';
import { createServices } from './state/services';
import { createApp } from './state/store';
import { connectViewer } from './ui/connectViewer';
import { askBeforeLeaving } from './ui/leaving';
import { SliceViewer } from './viewer/sliceViewer';

const app = createApp(createServices(document.baseURI, location.search));
const viewer = new SliceViewer(app.report);
connectViewer(app, viewer);
askBeforeLeaving(app);

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <Page app={app} viewer={viewer} />
  </StrictMode>,
);

void app.loadModels();
if (new URLSearchParams(location.search).get('demo') === '1') void app.openDemo();
