/** The report about this computer, for the clipboard and as a file. */
import { useState } from 'react';
import { t } from '../../locales/say';
import type { App } from '../../state/app';
import { deviceMarkdown, deviceReport } from '../../state/deviceReport';
import { Button } from '../kit/button';
import { MutedSpan } from '../kit/text';
import { download } from '../panels/download';
import styles from './deviceDialog.module.css';

export function DeviceReportButtons({ app }: { app: App }) {
  const [copied, setCopied] = useState<boolean | null>(null);
  const file = () => deviceReport(app.state.getState(), __VERSION__, navigator.userAgent);
  const copy = async () => {
    const report = file();
    if (!report) return;
    // Browsers refuse the clipboard to pages that are framed or not secure.
    const isCopied = Promise.resolve().then(() => navigator.clipboard.writeText(deviceMarkdown(report)));
    setCopied(await isCopied.then(() => true).catch(() => false));
  };
  const save = () => {
    const report = file();
    if (!report) return;
    download('organscope-device.json', new Blob([JSON.stringify(report, null, 2)], { type: 'application/json' }));
  };
  return (
    <p className={styles.report}>
      <Button onPress={() => void copy()}>{t('copy-report')}</Button>
      <Button onPress={save}>{t('save-report')}</Button>
      <MutedSpan role="status">
        {copied === null ? t('report-explained') : copied ? t('report-copied') : t('report-not-copied')}
      </MutedSpan>
    </p>
  );
}
