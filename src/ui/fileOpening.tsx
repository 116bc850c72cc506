/** Ways to open a file: a button, and a drop anywhere on the page. */
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { App } from '../state/store';

const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;

/** Accepts drops on the whole page; shows that it does while a file hovers over it. */
export function PageDrop({ app }: { app: App }) {
  const [hovering, setHovering] = useState(false);

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
      const file = event.dataTransfer?.files[0];
      if (file) void app.openFile(file, file.name);
    });
    return () => listeners.abort();
  }, [app]);

  return hovering ? (
    <div className="page-drop" aria-hidden="true">
      <p>Drop to open the scan</p>
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
}: {
  app: App;
  className: string;
  children: ReactNode;
  disabled?: boolean;
}) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" className={className} disabled={disabled} onClick={() => input.current?.click()}>
        {children}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        data-testid="file-input"
        onChange={(event) => {
          const file = event.target.files?.[0];
          // Cleared, so that choosing the same file again counts as a change.
          event.target.value = '';
          if (file) void app.openFile(file, file.name);
        }}
      />
    </>
  );
}
