/**
 * Every error a user can meet, by who must act. Each is a message: a stable `code` and the values involved; its sentence,
 * which says what is wrong and what to do, is in locales/. It survives the worker boundary as the same class (toWire /
 * fromWire).
 */
import { type Message, type Parameters, reasonOf } from './messages';

export class AppError extends Error implements Message {
  // Spelled out in every class: the built page's classes have shortened names, and the name crosses to the worker.
  override readonly name: string = 'AppError';

  /**
   * @param code stable kebab-case identifier, e.g. 'spacing-not-positive'
   * @param parameters of its sentence
   */
  constructor(
    readonly code: string,
    readonly parameters: Parameters = {},
    options?: ErrorOptions,
  ) {
    // For developers: users read the sentence.
    super(`${code} ${JSON.stringify(parameters)}`, options);
  }
}

/** The user's file cannot be used as it is. */
export class InvalidInputError extends AppError {
  override readonly name = 'InvalidInputError';
}
/** This browser or device cannot do what was asked. */
export class UnsupportedDeviceError extends AppError {
  override readonly name = 'UnsupportedDeviceError';
}
/** One of our (or the user's) model files is damaged or not understood. */
export class ModelError extends AppError {
  override readonly name = 'ModelError';
}
/** The GPU went away or refused work, so that its results mean nothing; running again may work. */
export class GpuLostError extends AppError {
  override readonly name = 'GpuLostError';
}
/** The user cancelled. Not a failure: shown as a state, never as an error. */
export class CancelledError extends AppError {
  override readonly name = 'CancelledError';

  constructor() {
    super('cancelled');
  }
}
/** A bug of ours. */
export class InternalError extends AppError {
  override readonly name = 'InternalError';
}

/** An error as plain data, for postMessage. */
export interface WireError extends Message {
  readonly name: string;
  readonly parameters: Parameters;
  readonly stack?: string;
}

const CLASSES = { InvalidInputError, UnsupportedDeviceError, ModelError, GpuLostError, InternalError } as const;

/** Anything thrown as an error of ours; an unknown one is a bug of ours, and says what it said. */
export const asAppError = (error: unknown): AppError =>
  error instanceof AppError ? error : new InternalError('internal', { why: reasonOf(error) }, { cause: error });

/** Turns anything thrown into plain data; an unknown error becomes an InternalError with the original stack. */
export function toWire(error: unknown): WireError {
  const { name, code, parameters, stack } = asAppError(error);
  return { name, code, parameters, stack: error instanceof Error ? error.stack : stack };
}

/** Rebuilds the error that toWire flattened, as the same class. */
export function fromWire(wire: WireError): AppError {
  if (wire.name === 'CancelledError') return new CancelledError();
  const Class = Object.hasOwn(CLASSES, wire.name) ? CLASSES[wire.name as keyof typeof CLASSES] : InternalError;
  const error = new Class(wire.code, wire.parameters);
  error.stack = wire.stack;
  return error;
}
