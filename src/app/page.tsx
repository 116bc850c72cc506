/** The page: start screen, or toolbar, viewer and side panel. */
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { App } from '../state/app';
import { shownScan } from '../state/scans';
import { CardDialog } from '../ui/cardDialog';
import { PageDrop } from '../ui/fileOpening';
import { HelpDialog } from '../ui/helpDialog';
import { ModelsDialog } from '../ui/modelsDialog';
import { QuestionDialog } from '../ui/questionDialog';
import { SidePanel } from '../ui/sidePanel';
import { StartScreen } from '../ui/startScreen';
import { Toolbar } from '../ui/toolbar';
import { Viewports } from '../ui/viewports/viewports';
import type { Viewer } from '../viewer/viewer';
import '../ui/base.css';
import '../ui/start.css';
import '../ui/toolbar.css';
import '../ui/panel.css';
import '../ui/dialog.css';
import '../ui/models.css';
import '../ui/modelCard.css';

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
      const another = document.querySelector('dialog[open]:not(.help)');
      if (event.key === '?' && !typing && !another) setHelp((open) => !open);
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
