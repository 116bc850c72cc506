/** A translated sentence with an element in it: where the element stands is the translation's affair. */
import type { ReactNode } from 'react';

/** Stands for the element; of Unicode's private use, so that no sentence has it. */
const PLACE = '\uE000';

/** @param said the sentence, given what to say in the element's place */
export function Sentence({ said, element }: { said: (place: string) => string; element: ReactNode }) {
  const [before, after] = said(PLACE).split(PLACE);
  return (
    <>
      {before}
      {element}
      {after}
    </>
  );
}
