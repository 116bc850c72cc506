/** What a tool is: something the user does with the pointer in a viewport. Which gesture it is bound to, bindings.ts says. */
import type { StoreApi } from 'zustand/vanilla';
import type { Triple } from '../../volume/grid';
import type { PaneSize } from '../geometry/sliceGeometry';
import type { ViewAction } from '../viewport/actions';
import type { Probe } from '../viewport/probe';
import type { ViewportId } from '../viewport/viewport';
import type { ViewState } from '../viewport/viewState';
import type { WheelTravel } from './wheel';

export interface Modifiers {
  readonly shift: boolean;
  readonly alt: boolean;
  /** Ctrl, or Cmd. */
  readonly ctrl: boolean;
}

/** Where the pointer is, with what is pressed. */
export interface Sample {
  readonly viewport: ViewportId;
  /** CSS pixels from the viewport's top left corner. */
  readonly x: number;
  readonly y: number;
  readonly size: PaneSize;
  /** Canonical voxel (fractional) in the slice on show, also beside the scan; null without a scan. */
  readonly place: Triple | null;
  /** The same in mm, axes Right, Anterior, Superior. */
  readonly world: Triple | null;
  readonly modifiers: Modifiers;
}

/** A drag that has begun. */
export interface Stroke {
  move(sample: Sample): void;
  /** The button was released. */
  end?(): void;
  /** Something else has begun, or the browser took the pointer away. */
  cancel?(): void;
}

/** What a click has done. */
export interface Click {
  /** It was the first click of a double click, which means something else. */
  takeBack?(): void;
}

/** What two fingers have done since the last event. */
export interface Pinch {
  readonly dxPx: number;
  readonly dyPx: number;
  /** How much further apart they are. */
  readonly factor: number;
}

/** Has the method of every gesture that it is bound to. */
export interface Tool {
  readonly id: string;
  /** @param sample where the button was pressed; null leaves the drag to other tools */
  begin?(sample: Sample): Stroke | null;
  /** @param count 2 for the second click of a double click; null leaves the click to other tools */
  click?(sample: Sample, count: number): Click | null;
  doubleClick?(sample: Sample): void;
  wheel?(travel: WheelTravel, sample: Sample): void;
  /** @param sample the middle between two fingers */
  pinch?(pinch: Pinch, sample: Sample): void;
}

/** What tools know and change. */
export interface ToolHost {
  readonly state: Pick<StoreApi<ViewState>, 'getState' | 'setState'>;
  readonly dispatch: (action: ViewAction) => void;
  readonly probe: (canonical: Triple) => Probe | null;
}

/** A tool for one viewport. */
export type MakeTool = (host: ToolHost) => Tool;

/** A stroke that acts on how far the pointer has moved since the last event, CSS pixels. */
export function stepwise(first: Sample, step: (dxPx: number, dyPx: number, sample: Sample) => void): Stroke {
  let { x, y } = first;
  return {
    move(sample) {
      const [dx, dy] = [sample.x - x, sample.y - y];
      ({ x, y } = sample);
      step(dx, dy, sample);
    },
  };
}
