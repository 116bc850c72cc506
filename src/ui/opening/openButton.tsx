/** A button that chooses files, and opens or adds what is in them. */

import type { App } from '../../state/app';
import type { OpenMode } from '../../state/opening';
import type { ButtonProps } from '../kit/button';
import { FilePicker } from '../kit/filePicker';
import { chosenFiles } from './droppedFiles';
import { openAll } from './openAll';

interface OpenButtonProps extends Pick<ButtonProps, 'children' | 'isDisabled' | 'look' | 'size'> {
  readonly app: App;
  readonly mode?: OpenMode;
  readonly folder?: boolean;
  readonly testId?: string;
}

export const OpenButton = ({ app, mode, testId = 'file-input', ...picker }: OpenButtonProps) => (
  <FilePicker {...picker} testId={testId} onFiles={(files) => void openAll(app, chosenFiles(files), mode)} />
);
