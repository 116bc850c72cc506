/**
 * Every error a user can meet, by who must act. Each carries a stable `code`, a sentence that says what is wrong with
 * which value and what to do, and survives the worker boundary as the same class (toWire / fromWire).
 */
export class AppError extends Error {
  // Spelled out in every class: the built page's classes have shortened names, and the name crosses to the worker.
  override readonly name: string = 'AppError';

  /** @param code stable kebab-case identifier, e.g. 'spacing-not-positive' */
  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
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
    super('cancelled', 'Cancelled.');
  }
}
/** A bug of ours. */
export class InternalError extends AppError {
  override readonly name = 'InternalError';
}

/** An error as plain data, for postMessage. */
export interface WireError {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly stack?: string;
}

const CLASSES = { InvalidInputError, UnsupportedDeviceError, ModelError, GpuLostError, InternalError } as const;

/** Turns anything thrown into plain data; an unknown error becomes an InternalError with the original stack. */
export function toWire(error: unknown): WireError {
  if (error instanceof AppError) {
    return { name: error.name, code: error.code, message: error.message, stack: error.stack };
  }
  const e = error instanceof Error ? error : new Error(String(error));
  return { name: 'InternalError', code: 'internal', message: e.message, stack: e.stack };
}

/** Rebuilds the error that toWire flattened, as the same class. */
export function fromWire(wire: WireError): AppError {
  if (wire.name === 'CancelledError') return new CancelledError();
  const Class = Object.hasOwn(CLASSES, wire.name) ? CLASSES[wire.name as keyof typeof CLASSES] : InternalError;
  const error = new Class(wire.code, wire.message);
  error.stack = wire.stack;
  return error;
}
