import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { GpuLostError } from '../../core/errors';
import { OwnedDevice } from './ownedDevice';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const never = new Promise<never>(() => undefined);
const fakeDevice = () => Object.assign(new EventTarget(), { lost: never }) as unknown as GPUDevice;

it('keeps nothing of what a device gave', async () => {
  const owned = new OwnedDevice(fakeDevice());
  const given: WeakRef<object>[] = [];
  for (let n = 0; n < 20; n++) {
    given.push(new WeakRef(await owned.race(Promise.resolve({ n }))));
  }
  await new Promise((resolve) => setTimeout(resolve, 10));
  collectGarbage();
  expect(given.filter((one) => one.deref() !== undefined).length).toBeLessThan(3);
});

it('ends everything under way, and what begins afterwards, when the device fails', async () => {
  const owned = new OwnedDevice(fakeDevice());
  const error = new GpuLostError('gpu-lost');
  const [first, second] = [owned.race(never), owned.race(never)];
  owned.fail(error);
  await expect(first).rejects.toBe(error);
  await expect(second).rejects.toBe(error);
  await expect(owned.race(Promise.resolve(1))).rejects.toBe(error);
  await expect(owned.race(Promise.reject(new Error('of its own')))).rejects.toBeInstanceOf(Error);
  await expect(owned.failed).rejects.toBe(error);
});
