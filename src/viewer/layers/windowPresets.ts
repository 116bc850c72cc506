/** Windows that a reader calls up by a key, in Hounsfield units. */
import { type Message, message } from '../../core/messages';
import type { GreyWindow } from './greyWindow';

export interface WindowPreset extends GreyWindow {
  readonly id: string;
  /** Stands alone, in a list. */
  readonly title: Message;
  /** What its key does. */
  readonly does: Message;
  /** The key that selects it. */
  readonly key: string;
}

/** Numbers as they stand in a sentence, with a real minus sign. */
const words = ({ center, width }: GreyWindow) => ({ width: `${width}`, level: `${center}`.replace('-', '−') });

const SOFT_TISSUE: GreyWindow = { center: 40, width: 400 };
const LUNG: GreyWindow = { center: -600, width: 1500 };
const LIVER: GreyWindow = { center: 90, width: 150 };
const BONE: GreyWindow = { center: 480, width: 2500 };
const BRAIN: GreyWindow = { center: 40, width: 80 };

/** The first is what CT opens with. */
export const CT_PRESETS: readonly WindowPreset[] = [
  {
    id: 'soft-tissue',
    ...SOFT_TISSUE,
    key: '1',
    title: message('soft-tissue'),
    does: message('window-soft-tissue', words(SOFT_TISSUE)),
  },
  { id: 'lung', ...LUNG, key: '2', title: message('lung'), does: message('window-lung', words(LUNG)) },
  { id: 'liver', ...LIVER, key: '3', title: message('liver'), does: message('window-liver', words(LIVER)) },
  { id: 'bone', ...BONE, key: '4', title: message('bone'), does: message('window-bone', words(BONE)) },
  { id: 'brain', ...BRAIN, key: '5', title: message('brain'), does: message('window-brain', words(BRAIN)) },
];
