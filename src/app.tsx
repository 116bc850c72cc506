/** The page: start screen, or toolbar, viewer and side panel. */
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { App } from './state/store';
import { PageDrop } from './ui/fileOpening';
import { HelpDialog } from './ui/helpDialog';
import { SidePanel } from './ui/sidePanel';
import { StartScreen } from './ui/startScreen';
import { Toolbar } from './ui/toolbar';
import type { SliceViewer } from './viewer/sliceViewer';
import { Viewer } from './viewer/viewer';
import './ui/base.css';
import './ui/start.css';
import './ui/toolbar.css';
import './ui/panel.css';
import './ui/help.css';

export function Page({ app, viewer }: { app: App; viewer: SliceViewer }) {
  const hasScan = useStore(app.state, (now) => now.scan !== null);
  const [help, setHelp] = useState(false);

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const typing =
        event.target instanceof Element && event.target.closest('input:not([type=range]), select, textarea');
      if (event.key === '?' && !typing) setHelp((open) => !open);
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);

  return (
    <>
      {hasScan ? (
        <div className="work">
          <Toolbar app={app} viewer={viewer} onHelp={() => setHelp(true)} />
          <main className="work-main">
            <Viewer viewer={viewer} />
          </main>
          <SidePanel app={app} viewer={viewer} />
        </div>
      ) : (
        <StartScreen app={app} />
      )}
      <HelpDialog open={help} onClose={() => setHelp(false)} />
      <PageDrop app={app} />
    </>
  );
}
