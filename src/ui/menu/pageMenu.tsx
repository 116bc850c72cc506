import { useStore } from 'zustand';
import { say, t } from '../../locales/say';
import type { App } from '../../state/app';
import { Menu } from '../kit/menu';
import { type DialogName, ENTRIES } from './entries';

interface PageMenuProps {
  readonly app: App;
  readonly onDialog: (name: DialogName) => void;
  readonly className?: string;
}

export function PageMenu({ app, onDialog, className }: PageMenuProps) {
  const now = useStore(app.state);
  const entries = ENTRIES.filter(({ isShown }) => isShown?.(now) ?? true).map((entry) => ({
    id: entry.title.code,
    title: say(entry.title),
    isDisabled: entry.isDisabled?.(now),
    onAction: () => ('dialog' in entry ? onDialog(entry.dialog) : entry.run(app)),
  }));
  return <Menu name={t('menu')} entries={entries} className={className} />;
}
