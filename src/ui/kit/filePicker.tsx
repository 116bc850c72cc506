/**
 * A button that opens the file picker. No filter on the picker: ".nii.gz" filters grey out good files on some systems,
 * and a wrong file gets a sentence.
 */
import { useRef } from 'react';
import { Button, type ButtonProps } from './button';

interface FilePickerProps extends Omit<ButtonProps, 'onPress'> {
  /** Called with at least one file. */
  readonly onFiles: (files: FileList) => void;
  /** Choose a folder instead of files. */
  readonly folder?: boolean;
  /** Of the input. */
  readonly testId?: string;
}

export function FilePicker({ onFiles, folder = false, testId, ...button }: FilePickerProps) {
  const input = useRef<HTMLInputElement | null>(null);
  return (
    <>
      <Button {...button} onPress={() => input.current?.click()} />
      <input
        ref={(element) => {
          input.current = element;
          // Not among React's attributes.
          if (element) element.webkitdirectory = folder;
        }}
        type="file"
        hidden
        multiple
        data-testid={testId}
        onChange={(event) => {
          const { files } = event.target;
          if (files && files.length > 0) onFiles(files);
          // Cleared, so that choosing the same file again counts as a change.
          event.target.value = '';
        }}
      />
    </>
  );
}
