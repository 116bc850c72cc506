/** The licences of what the page contains, with their texts. */
import { useEffect, useState } from 'react';
import { t } from '../../locales/say';
import { Notice } from '../kit/notice';
import { ScrollingTable } from '../kit/scrollingTable';
import { Muted } from '../kit/text';
import { type LicensedModel, type LicenseList, readLicenses, readNotice } from './licenseList';

export function Licenses() {
  /** 'failed': it cannot be had; undefined: not known yet. */
  const [list, setList] = useState<LicenseList | 'failed'>();
  useEffect(() => {
    let shown = true;
    readLicenses().then(
      (read) => shown && setList(read),
      () => shown && setList('failed'),
    );
    return () => {
      shown = false;
    };
  }, []);
  return (
    <section data-testid="licenses">
      <h3>{t('licences')}</h3>
      {list === undefined && <Muted>{t('loading-text')}</Muted>}
      {list === 'failed' && <Notice kind="warning">{t('licences-unavailable')}</Notice>}
      {list && list !== 'failed' && (
        <>
          <ModelLicenses models={list.models} />
          <h4>{t('parts')}</h4>
          <p>{t('licences-explained')}</p>
          {[list.organscope, ...list.packages].map(({ name, version, license, text }) => (
            <details key={`${name}@${version}`}>
              <summary translate="no">
                {name} {version}: {license}
              </summary>
              <pre translate="no">{text}</pre>
            </details>
          ))}
          {list.notices.map((path) => (
            <FurtherNotice key={path} path={path} />
          ))}
        </>
      )}
    </section>
  );
}

/** Long texts, each fetched when it is opened. @param path below the page's address */
function FurtherNotice({ path }: { path: string }) {
  const [text, setText] = useState<string | 'failed'>();
  const read = () => {
    if (text === undefined || text === 'failed') readNotice(path).then(setText, () => setText('failed'));
  };
  return (
    <details onToggle={({ currentTarget }) => currentTarget.open && read()}>
      <summary>{t('notices-in', { path })}</summary>
      {text === 'failed' ? (
        <Notice kind="warning">{t('licences-unavailable')}</Notice>
      ) : (
        <pre translate="no">{text ?? ''}</pre>
      )}
    </details>
  );
}

function ModelLicenses({ models }: { models: readonly LicensedModel[] }) {
  return (
    <>
      <h4>{t('models')}</h4>
      <ScrollingTable>
        <thead>
          <tr>
            <th>{t('model')}</th>
            <th>{t('licence')}</th>
            <th>{t('training-data')}</th>
          </tr>
        </thead>
        <tbody translate="no">
          {models.map(({ name, title, version, license, trainingData }) => (
            <tr key={name}>
              <td>
                {title} {version}
              </td>
              <td data-short>{license}</td>
              <td>{trainingData.map((set) => `${set.name} (${set.license})`).join('; ')}</td>
            </tr>
          ))}
        </tbody>
      </ScrollingTable>
    </>
  );
}
