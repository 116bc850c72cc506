/**
 * Every error a user can meet, by who must act. Each carries a stable `code`, a sentence that says what is wrong with
 * which value and what to do, and survives the worker boundary as the same class (toWire / fromWire).
 */
export class AppError extends Error {
  /** @param code stable kebab-case identifier, e.g. 'spacing-not-positive' */
  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The user's file cannot be used as it is. */
export class InvalidInputError extends AppError {}
/** This browser or device cannot do what was asked. */
export class UnsupportedDeviceError extends AppError {}
/** One of our (or the user's) model files is damaged or not understood. */
export class ModelError extends AppError {}
/** The GPU went away; running again may work. */
export class GpuLostError extends AppError {}
/** The user cancelled. Not a failure: shown as a state, never as an error. */
export class CancelledError extends AppError {
  constructor() {
    super('cancelled', 'Cancelled.');
  }
}
/** A bug of ours. */
export class InternalError extends AppError {}

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
  const Class = CLASSES[wire.name as keyof typeof CLASSES] ?? InternalError;
  const error = new Class(wire.code, wire.message);
  error.stack = wire.stack;
  return error;
}
