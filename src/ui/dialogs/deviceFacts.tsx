/** What the browser says about this computer. */
import type { ReactNode } from 'react';
import type { DeviceReport } from '../../inference/protocol';
import { say, t } from '../../locales/say';
import { adapterName } from '../deviceWords';
import { formatBytes } from '../format';
import { Muted } from '../kit/text';
import { PROVIDER_NAMES } from '../providers';

export const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

const yesOrNo = (is: boolean) => (is ? t('yes') : t('no'));

export function DeviceFacts({ device }: { device: DeviceReport }) {
  const { adapter, lowPowerAdapter, chosen, wasmSimd, deviceMemoryGb } = device;
  const threads = t('wasm-threads-of', { count: device.wasmThreads, processors: device.logicalProcessors });
  return (
    <>
      <dl>
        <Fact name={t('graphics-adapter')}>
          {adapter ? adapterName(adapter) : device.webgpu ? t('adapter-none') : t('webgpu-none')}
        </Fact>
        {lowPowerAdapter && (
          <Fact name={t('second-adapter')}>
            {t('second-adapter-unused', { adapter: adapterName(lowPowerAdapter) })}
          </Fact>
        )}
        {adapter && <AdapterFactsList limits={adapter.limits} features={adapter.features} />}
        <Fact name={t('wasm-threads')}>{wasmSimd ? threads : t('wasm-threads-without-simd', { threads })}</Fact>
        <Fact name={t('cross-origin-isolated')}>{yesOrNo(device.crossOriginIsolated)}</Fact>
        <Fact name={t('memory')}>
          {deviceMemoryGb === null ? t('not-known') : t('memory-told', { memory: `${deviceMemoryGb} GB` })}
        </Fact>
        <Fact name={t('private-files')}>{yesOrNo(device.privateFileSystem)}</Fact>
        {chosen && (
          <Fact name={t('provider-now')}>
            {t('ran-on-device', { provider: PROVIDER_NAMES[chosen.provider], adapter: chosen.adapter })}
          </Fact>
        )}
      </dl>
      <Muted>{chosen ? say(chosen.reason) : device.speeds ? t('provider-impossible') : t('provider-unknown')}</Muted>
    </>
  );
}

function AdapterFactsList({
  limits: { maxBufferSize, maxStorageBufferBindingSize },
  features,
}: {
  limits: Readonly<Record<string, number>>;
  features: readonly string[];
}) {
  return (
    <>
      <Fact name={t('fp16-arithmetic')}>{yesOrNo(features.includes('shader-f16'))}</Fact>
      <Fact name={t('largest-buffer')}>
        {t('largest-binding', {
          buffer: formatBytes(maxBufferSize),
          binding: formatBytes(maxStorageBufferBindingSize),
        })}
      </Fact>
    </>
  );
}
