/** What was measured of this computer, and measuring it again. */
import { useStore } from 'zustand';
import { type Message, message } from '../../core/messages';
import type { DeviceReport, MeasuredSpeeds, MeasureProgress, MeasureStep } from '../../inference/protocol';
import { t } from '../../locales/say';
import type { App } from '../../state/app';
import { formatDate } from '../format';
import { Button } from '../kit/button';
import { ProgressBar } from '../kit/progressBar';
import { Muted } from '../kit/text';
import styles from './deviceDialog.module.css';
import { Fact } from './deviceFacts';

const STEPS: Readonly<Record<MeasureStep, Message>> = {
  arithmetic: message('measure-arithmetic'),
  transfer: message('measure-transfer'),
  gpu: message('measure-gpu'),
  cpu: message('measure-cpu'),
};

const digits = (value: number) => String(Number(value.toPrecision(3)));
const milliseconds = (value: number | null) => (value === null ? t('not-known') : `${digits(value)} ms`);

export function DeviceSpeed({ app, device: { speeds } }: { app: App; device: DeviceReport }) {
  const work = useStore(app.state, (now) => now.deviceWork);
  const measuring = work?.kind === 'measure' ? work : null;
  return (
    <section data-testid="speed">
      <h3>{t('speed')}</h3>
      {measuring ? (
        <Measuring progress={measuring.progress} />
      ) : speeds ? (
        <Speeds {...speeds} />
      ) : (
        <Muted>{t('speed-not-measured')}</Muted>
      )}
      <p className={styles.action}>
        {measuring ? (
          <Button size="small" onPress={() => app.stopDeviceWork()}>
            {t('cancel')}
          </Button>
        ) : (
          <Button size="small" isDisabled={work !== null} onPress={() => void app.measureDevice()}>
            {speeds ? t('measure-again') : t('measure')}
          </Button>
        )}
      </p>
    </section>
  );
}

function Measuring({ progress }: { progress: MeasureProgress | null }) {
  const text = progress
    ? t('measuring', { step: STEPS[progress.step], done: progress.done + 1, total: progress.total })
    : t('measuring-wait');
  return (
    <>
      <p role="status">{text}</p>
      <ProgressBar name={t('speed')} fraction={progress && progress.done / progress.total} />
    </>
  );
}

function Speeds({ gflops, gpuMs, gpuAtLeast, cpuMs, uploadGbPerS, readbackGbPerS, measuredAt }: MeasuredSpeeds) {
  const gpu = milliseconds(gpuMs);
  return (
    <>
      <dl>
        {gflops !== null && (
          <Fact name={t('speed-arithmetic')}>{t('speed-of-adapter', { gflops: digits(gflops) })}</Fact>
        )}
        <Fact name={t('speed-convolution')}>
          {t('speed-both', { gpu: gpuAtLeast ? t('speed-at-least', { time: gpu }) : gpu, cpu: milliseconds(cpuMs) })}
        </Fact>
        {uploadGbPerS !== null && readbackGbPerS !== null && (
          <Fact name={t('speed-transfer')}>
            {t('speed-transfer-of', { up: digits(uploadGbPerS), down: digits(readbackGbPerS) })}
          </Fact>
        )}
      </dl>
      <Muted>{t('measured-at', { date: formatDate(measuredAt) })}</Muted>
    </>
  );
}
