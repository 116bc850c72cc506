/**
 * The demonstrations as data: which scan, which model, and the steps that a presenter walks through. A step says what the
 * viewer shows; app/connectDemo.ts has it shown, ui/demo/ says its words.
 */
import { type Message, message } from '../core/messages';

export type DemoId = 'brain' | 'abdomen';

/** What the viewer shows in a step. Structures are named as in the model's labels. */
export interface StepView {
  /** Whether there are masks to be seen. */
  readonly masks: boolean;
  /** Structures that alone are drawn; absent: all of them. */
  readonly only?: readonly string[];
  /** The structure that the crosshair goes to; absent: it stays. */
  readonly at?: string;
  /** 0 .. 1, of the masks' fill. */
  readonly opacity?: number;
  /** The plane that fills the viewer; absent: all three. */
  readonly plane?: 'axial' | 'coronal' | 'sagittal';
}

/** What stands beside the picture in a step. */
export type Aside = 'privacy' | 'scan' | 'run' | 'volumes' | 'save' | 'quality';

export interface DemoStep {
  readonly title: Message;
  readonly text: Message;
  readonly view: StepView;
  readonly aside: Aside;
}

export interface DemoScript {
  readonly id: DemoId;
  readonly title: Message;
  /** The name that the scan is served by. */
  readonly file: string;
  /** Whose scan it is. Shown as long as the scan is. */
  readonly credit: Message;
  /** How much larger than the whole scan the pictures are: air around the body is nothing to look at. */
  readonly zoom: number;
  /** ModelEntry.id */
  readonly modelId: string;
  /** The structures that are listed with their volumes, as many as can be read from the last row of a hall. */
  readonly listed: readonly string[];
  readonly steps: readonly DemoStep[];
  /** The step that begins the run. */
  readonly runStep: number;
}

/** The first steps are the same in each. */
const privacy: DemoStep = {
  title: message('demo-private'),
  text: message('demo-private-text'),
  view: { masks: false },
  aside: 'privacy',
};
const save: DemoStep = {
  title: message('demo-save'),
  text: message('demo-save-text'),
  view: { masks: true, opacity: 0.45 },
  aside: 'save',
};

const abdomen: DemoScript = {
  id: 'abdomen',
  title: message('demo-abdomen'),
  file: 'abdomen_ct.nii.gz',
  credit: message('demo-abdomen-credit'),
  zoom: 1.25,
  modelId: 'bundled:abdomen-ct',
  listed: ['liver', 'spleen', 'right kidney', 'left kidney', 'stomach', 'pancreas', 'aorta', 'vertebrae'],
  steps: [
    privacy,
    {
      title: message('demo-abdomen-scan'),
      text: message('demo-abdomen-scan-text'),
      view: { masks: false },
      aside: 'scan',
    },
    {
      title: message('demo-run'),
      text: message('demo-run-text'),
      view: { masks: true, opacity: 0.45 },
      aside: 'run',
    },
    {
      title: message('demo-abdomen-organ'),
      text: message('demo-abdomen-organ-text'),
      view: { masks: true, only: ['liver'], at: 'liver', opacity: 0.7, plane: 'axial' },
      aside: 'volumes',
    },
    {
      title: message('demo-volumes'),
      text: message('demo-volumes-text'),
      view: { masks: true, opacity: 0.45 },
      aside: 'volumes',
    },
    {
      title: message('demo-planes'),
      text: message('demo-abdomen-planes-text'),
      view: { masks: true, only: ['left kidney'], at: 'left kidney', opacity: 0.6 },
      aside: 'volumes',
    },
    save,
    {
      title: message('demo-not-clinical'),
      text: message('demo-abdomen-limits'),
      view: { masks: true, opacity: 0.45 },
      aside: 'quality',
    },
  ],
  runStep: 2,
};

const brain: DemoScript = {
  id: 'brain',
  title: message('demo-brain'),
  file: 'brain_t1.nii.gz',
  credit: message('demo-brain-credit'),
  zoom: 1,
  modelId: 'bundled:brain-mri-lite',
  listed: [
    'left cerebral cortex',
    'left lateral ventricle',
    'left thalamus',
    'left caudate',
    'left putamen',
    'left hippocampus',
    'right hippocampus',
    'brainstem',
  ],
  steps: [
    privacy,
    {
      title: message('demo-brain-scan'),
      text: message('demo-brain-scan-text'),
      view: { masks: false },
      aside: 'scan',
    },
    {
      title: message('demo-run'),
      text: message('demo-run-text'),
      view: { masks: true, opacity: 0.45 },
      aside: 'run',
    },
    {
      title: message('demo-brain-organ'),
      text: message('demo-brain-organ-text'),
      view: {
        masks: true,
        only: ['left hippocampus', 'right hippocampus'],
        at: 'left hippocampus',
        opacity: 0.8,
        plane: 'coronal',
      },
      aside: 'volumes',
    },
    {
      title: message('demo-volumes'),
      text: message('demo-volumes-text'),
      view: { masks: true, opacity: 0.45 },
      aside: 'volumes',
    },
    {
      title: message('demo-planes'),
      text: message('demo-brain-planes-text'),
      view: { masks: true, only: ['left thalamus', 'right thalamus'], at: 'left thalamus', opacity: 0.6 },
      aside: 'volumes',
    },
    save,
    {
      title: message('demo-not-clinical'),
      text: message('demo-brain-limits'),
      view: { masks: true, opacity: 0.45 },
      aside: 'quality',
    },
  ],
  runStep: 2,
};

export const DEMOS: Readonly<Record<DemoId, DemoScript>> = { brain, abdomen };

/** The demonstration that a page's address asks for. @param value of "?demo=": its name, or 1 for the brain */
export function askedDemo(value: string | null): DemoId | null {
  if (value === '1') return 'brain';
  return value !== null && Object.hasOwn(DEMOS, value) ? (value as DemoId) : null;
}
