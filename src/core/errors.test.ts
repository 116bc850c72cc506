import { describe, expect, it } from 'vitest';
import {
  AppError,
  CancelledError,
  fromWire,
  GpuLostError,
  InternalError,
  InvalidInputError,
  ModelError,
  toWire,
  UnsupportedDeviceError,
} from './errors';

/** What postMessage does to a message. */
const post = <T>(message: T): T => structuredClone(message);

describe('errors across the worker boundary', () => {
  for (const Class of [InvalidInputError, UnsupportedDeviceError, ModelError, GpuLostError, InternalError]) {
    it(`${Class.name} arrives as the same class with code, parameters and stack`, () => {
      const error = new Class('some-code', { spacing: '[0.78, 0, 2.5] mm', count: 3 });
      const arrived = fromWire(post(toWire(error)));
      expect(arrived).toBeInstanceOf(Class);
      expect(arrived).toBeInstanceOf(AppError);
      expect(arrived.constructor).toBe(Class);
      expect(arrived.name).toBe(Class.name);
      expect(arrived.code).toBe('some-code');
      expect(arrived.parameters).toEqual(error.parameters);
      expect(arrived.message).toBe(error.message);
      expect(arrived.stack).toBe(error.stack);
    });
  }

  it('the class survives a build that shortens class names', () => {
    class t extends ModelError {}
    const wire = toWire(new t('manifest-invalid', { field: 'labels' }));
    expect(fromWire(post(wire)).constructor).toBe(ModelError);
  });

  it('a cancellation arrives as a cancellation', () => {
    const arrived = fromWire(post(toWire(new CancelledError())));
    expect(arrived).toBeInstanceOf(CancelledError);
    expect(arrived.code).toBe('cancelled');
  });

  it('an unknown error becomes an InternalError with the original message and stack', () => {
    const error = new RangeError('Invalid typed array length: -1');
    const arrived = fromWire(post(toWire(error)));
    expect(arrived).toBeInstanceOf(InternalError);
    expect(arrived.code).toBe('internal');
    expect(arrived.parameters).toEqual({ why: error.message });
    expect(arrived.stack).toBe(error.stack);
  });

  it('a thrown value that is no Error keeps its text', () => {
    expect(toWire('out of memory').parameters).toEqual({ why: 'out of memory' });
    expect(toWire(undefined).parameters).toEqual({ why: 'undefined' });
  });

  it('a class name that this version does not know becomes an InternalError', () => {
    expect(fromWire({ name: 'FutureError', code: 'x', parameters: {} }).constructor).toBe(InternalError);
    expect(fromWire({ name: 'constructor', code: 'x', parameters: {} }).constructor).toBe(InternalError);
  });
});
