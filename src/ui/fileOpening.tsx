/** Ways to open files: buttons, and a drop anywhere on the page. Scans and models go the same ways. */
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { InvalidInputError } from '../core/errors';
import { message } from '../core/messages';
import { chosenFiles, droppedFiles } from '../files/droppedFiles';
import { sortDrop } from '../files/scanFiles';
import type { NamedFile } from '../models/modelFiles';
import type { App } from '../state/app';
import type { OpenMode } from '../state/opening';
import { isBusy } from '../state/status';

const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;

/** Opens the scans among the files and adds the model among them. */
async function openAll(app: App, files: readonly NamedFile[], mode?: OpenMode): Promise<void> {
  const sorted = await sortDrop(files).catch((error: unknown) => {
    app.report(error);
    return null;
  });
  if (!sorted) return;
  const { scans, model, leftOut } = sorted;
  if (scans.length === 0 && model.length === 0) {
    app.report(
      new InvalidInputError(
        'nothing-to-open',
        'There is no scan (.nii, .nii.gz) and no model (model.json) in what was dropped. Drop the files themselves, or the folder that holds them.',
      ),
    );
  }
  await Promise.all([
    scans.length > 0 ? app.openFiles(scans, mode) : undefined,
    model.length > 0 ? app.addModel(model) : undefined,
  ]);
  if (leftOut.length > 0 && scans.length + model.length > 0) {
    app.inform(message('left-out', { names: leftOut.join(', ') }));
  }
}

/** Accepts drops on the whole page; shows that it does while something hovers over it. */
export function PageDrop({ app }: { app: App }) {
  const [hovering, setHovering] = useState(false);
  const busy = useStore(app.state, (now) => isBusy(now.status));

  useEffect(() => {
    const listeners = new AbortController();
    const { signal } = listeners;
    // Enter and leave fire for every element that is crossed; the page is left when the counts are even.
    let depth = 0;
    const on = (type: 'dragenter' | 'dragover' | 'dragleave' | 'drop', listener: (event: DragEvent) => void) =>
      window.addEventListener(
        type,
        (event) => {
          if (!hasFiles(event)) return;
          event.preventDefault();
          listener(event);
        },
        { signal },
      );
    on('dragenter', () => {
      depth++;
      setHovering(true);
    });
    on('dragover', () => undefined);
    on('dragleave', () => {
      depth = Math.max(0, depth - 1);
      if (depth === 0) setHovering(false);
    });
    on('drop', (event) => {
      depth = 0;
      setHovering(false);
      if (!event.dataTransfer) return;
      droppedFiles(event.dataTransfer)
        .then((files) => openAll(app, files))
        .catch((cause) =>
          app.report(
            new InvalidInputError(
              'drop-unreadable',
              `What was dropped could not be read (${cause}). Choose it again.`,
              {
                cause,
              },
            ),
          ),
        );
    });
    return () => listeners.abort();
  }, [app]);

  return hovering ? (
    <div className="page-drop" aria-hidden="true">
      {busy ? (
        <p>
          A segmentation is running
          <span className="page-drop-hint">
            A model can be added now; a scan can be opened once the run has ended or was cancelled.
          </span>
        </p>
      ) : (
        <p>Drop to open scans or add a model</p>
      )}
    </div>
  ) : null;
}

/**
 * A button that opens the file picker. No filter on the picker: ".nii.gz" filters grey out good files on some systems,
 * and a wrong file gets a sentence.
 */
export function OpenButton({
  app,
  className,
  children,
  disabled,
  mode,
  folder = false,
  testId = 'file-input',
}: {
  app: App;
  className: string;
  children: ReactNode;
  disabled?: boolean;
  mode?: OpenMode;
  /** Choose a folder instead of files. */
  folder?: boolean;
  testId?: string;
}) {
  const input = useRef<HTMLInputElement | null>(null);
  return (
    <>
      <button type="button" className={className} disabled={disabled} onClick={() => input.current?.click()}>
        {children}
      </button>
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
          const files = chosenFiles(event.target.files as FileList);
          // Cleared, so that choosing the same file again counts as a change.
          event.target.value = '';
          if (files.length > 0) void openAll(app, files, mode);
        }}
      />
    </>
  );
}
