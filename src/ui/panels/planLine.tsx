/** What the next run would take, in one line; nothing where that is not known. */
import { useStore } from 'zustand';
import type { App } from '../../state/app';
import { planText } from '../deviceWords';
import { Muted } from '../kit/text';

export function PlanLine({ app }: { app: App }) {
  const plan = useStore(app.state, (now) => now.plan);
  const text = plan && planText(plan);
  return text ? <Muted data-testid="plan">{text}</Muted> : null;
}
