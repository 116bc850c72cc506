/** bench.html: the benchmark as `npm run bench` drives it through a browser nobody sees. */

import { describeAdapter } from '../src/inference/gpu/adapter';
import { requestAdapter } from '../src/inference/gpu/gpuDevice';
import { probeDevice, wasmThreads } from '../src/inference/job/chooseProvider';
import { say } from '../src/locales/say';
import { type AdapterReport, reportAdapter } from './ceilings';
import { inWords, type MeasureRequest, measureProvider, type ProviderReport } from './measure';
import { loadNetwork } from './network';

export interface BenchPage {
  /** null without a WebGPU adapter. */
  adapter(): Promise<AdapterReport | null>;
  measure(request: MeasureRequest): Promise<ProviderReport>;
}

declare global {
  interface Window {
    organscopeBench: BenchPage;
    /** Set from outside to hear what is being measured. */
    organscopeBenchStep: (step: string) => void;
    /** Set from outside: processor time of the browser's processes, ms. */
    organscopeBenchCpuMs: () => Promise<number>;
  }
}

const url = (path: string) => new URL(path, document.baseURI).href;

window.organscopeBench = {
  async adapter() {
    const adapter = await requestAdapter();
    return adapter && reportAdapter(adapter);
  },
  async measure(request) {
    const facts = await probeDevice();
    const network = await loadNetwork(async (file) => {
      const response = await fetch(url(`model/${file}`));
      return response.ok ? new Uint8Array(await response.arrayBuffer()) : null;
    }).catch(inWords);
    const adapterName = facts.adapter && say(describeAdapter(facts.adapter));
    const own = { adapterName, threads: wasmThreads(facts), ortUrl: url(__RUNTIME_FILES__.ort) };
    const setting = { ...own, network, cpuMs: window.organscopeBenchCpuMs };
    return measureProvider(request, setting, (step) => window.organscopeBenchStep(step)).catch(inWords);
  },
};
