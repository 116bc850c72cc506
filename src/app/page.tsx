/** The page: start screen, or toolbar, viewer and side panel. */
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { App } from '../state/app';
import { shownScan } from '../state/scans';
import { CardDialog } from '../ui/dialogs/cardDialog';
import { HelpDialog } from '../ui/dialogs/helpDialog';
import { ModelsDialog } from '../ui/dialogs/modelsDialog';
import { QuestionDialog } from '../ui/dialogs/questionDialog';
import { PageDrop } from '../ui/opening/pageDrop';
import { SidePanel } from '../ui/panels/sidePanel';
import { StartScreen } from '../ui/start/startScreen';
import { Toolbar } from '../ui/toolbar/toolbar';
import { Viewports } from '../ui/viewports/viewports';
import type { Viewer } from '../viewer/viewer';
import '../ui/base.css';
import styles from './page.module.css';

export function Page({ app, viewer }: { app: App; viewer: Viewer }) {
  const hasScan = useStore(app.state, (now) => shownScan(now) !== null);
  const [help, setHelp] = useState(false);
  const [models, setModels] = useState(false);
  /** Whose card is open. */
  const [card, setCard] = useState<string | null>(null);
  const adding = useStore(app.state, (now) => now.adding?.phase);

  // Whatever is being said about a model that is being added is said in its dialog.
  useEffect(() => {
    if (!adding) return;
    setCard(null);
    setModels(true);
  }, [adding]);

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const typing =
        event.target instanceof Element && event.target.closest('input:not([type=range]), select, textarea');
      if (event.key !== '?' || typing) return;
      setHelp((open) => {
        const others = document.querySelectorAll('dialog[open]').length - Number(open);
        return others > 0 ? open : !open;
      });
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);

  return (
    <>
      {hasScan ? (
        <div className={styles.work}>
          <Toolbar app={app} viewer={viewer} onHelp={() => setHelp(true)} />
          <main className={styles.main}>
            <Viewports viewer={viewer} />
          </main>
          <SidePanel app={app} viewer={viewer} onModels={() => setModels(true)} onCard={setCard} />
        </div>
      ) : (
        <StartScreen app={app} onModels={() => setModels(true)} />
      )}
      <HelpDialog open={help} onClose={() => setHelp(false)} />
      <ModelsDialog app={app} open={models} onClose={() => setModels(false)} onCard={setCard} />
      <CardDialog app={app} modelId={card} onClose={() => setCard(null)} />
      <QuestionDialog app={app} />
      <PageDrop app={app} />
    </>
  );
}
