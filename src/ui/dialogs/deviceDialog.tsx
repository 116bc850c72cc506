/** This computer: what runs depend on, how fast it is, whether networks compute right on it, and what would help. */
import { useEffect } from 'react';
import { useStore } from 'zustand';
import { asAppError } from '../../core/errors';
import { t } from '../../locales/say';
import type { App } from '../../state/app';
import { Dialog } from '../kit/dialog';
import { Notice } from '../kit/notice';
import { Muted } from '../kit/text';
import { DeviceAdviceList } from './deviceAdviceList';
import styles from './deviceDialog.module.css';
import { DeviceFacts } from './deviceFacts';
import { DeviceReportButtons } from './deviceReportButtons';
import { DeviceSpeed } from './deviceSpeed';
import { NextRun } from './nextRun';
import { SelfTests } from './selfTests';

export function DeviceDialog({ app, open, onClose }: { app: App; open: boolean; onClose: () => void }) {
  const device = useStore(app.state, (now) => now.device);
  const error = useStore(app.state, (now) => now.deviceError);
  useEffect(() => {
    if (open) void app.describeDevice();
  }, [app, open]);
  return (
    <Dialog
      open={open}
      title={t('this-computer')}
      stickyHead
      onClose={() => {
        app.stopDeviceWork();
        onClose();
      }}
      className={styles.device}
      testId="device"
    >
      {error !== null && <Notice kind="warning">{t('device-problem', { why: asAppError(error) })}</Notice>}
      {open && !device && error === null && <Muted>{t('device-asking')}</Muted>}
      {open && device && (
        <div className={styles.columns}>
          <div>
            <DeviceFacts device={device} />
            <DeviceSpeed app={app} device={device} />
            <SelfTests app={app} />
          </div>
          <div>
            <NextRun app={app} />
            <DeviceAdviceList device={device} />
            <DeviceReportButtons app={app} />
          </div>
        </div>
      )}
    </Dialog>
  );
}
