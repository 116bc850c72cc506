import { describe, expect, it } from 'vitest';
import {
  ensureChromium,
  ensureCompiler,
  ensureFirefox,
  ensureVenv,
  ensureWebServers,
  type Machine,
  SetupError,
} from './setup.mjs';

/** A machine that has nothing; `got` lists what was run on it. */
function bareMachine(has: Partial<Machine> = {}): Machine & { got: string[] } {
  const got: string[] = [];
  return {
    got,
    run: (command, args) => {
      got.push([command, ...args].join(' '));
    },
    ask: () => null,
    hasApt: () => true,
    findChromium: () => null,
    findFirefox: () => null,
    starts: () => true,
    ...has,
  };
}

/** A Python 3.11 at /usr/bin without the modules that Debian keeps in packages of their own, until apt-get has run. */
function debianPython(installed: () => boolean): Machine['ask'] {
  return (command, [, code = '']) => {
    if (command !== 'python3.11') return null;
    if (code.includes('ensurepip')) return installed() ? '' : null;
    return code.includes('%d') ? 'python3.11' : 'True';
  };
}

describe('a machine without Chromium', () => {
  it('gets it by apt-get', () => {
    const machine: ReturnType<typeof bareMachine> = bareMachine({
      findChromium: () => (machine.got.length > 1 ? '/usr/bin/chromium' : null),
    });
    expect(ensureChromium(machine)).toBe('/usr/bin/chromium');
    expect(machine.got).toEqual(['apt-get update', 'apt-get install -y --no-install-recommends chromium']);
  });

  it('gets it again where it is there but does not start, for instance without its folder', () => {
    const machine: ReturnType<typeof bareMachine> = bareMachine({
      findChromium: () => '/usr/bin/chromium',
      starts: () => machine.got.length > 1,
    });
    expect(ensureChromium(machine)).toBe('/usr/bin/chromium');
    expect(machine.got[1]).toContain('install -y --no-install-recommends --reinstall chromium chromium-common');
  });

  it.each([
    ['without apt-get or its rights', { hasApt: () => false }],
    [
      'where apt-get fails',
      {
        run: () => {
          throw new SetupError('"apt-get update" failed (exit 100).');
        },
      },
    ],
    ['where its package brings none', {}],
  ])('is told what to do %s', (_, has) => {
    const install = () => ensureChromium(bareMachine(has));
    expect(install).toThrow(SetupError);
    expect(install).toThrow(/need Chromium or Chrome, and none was found\..*Install one, or set CHROMIUM to its path/);
  });
});

describe('a machine without Firefox', () => {
  it('gets it by apt-get, with the X server that its WebGL needs', () => {
    const machine: ReturnType<typeof bareMachine> = bareMachine({
      findFirefox: () => (machine.got.length > 1 ? '/usr/bin/firefox-esr' : null),
    });
    ensureFirefox(machine, 'linux');
    expect(machine.got[1]).toBe('apt-get install -y --no-install-recommends firefox-esr libegl1 xvfb');
  });

  it('gets the X server alone where only that is missing, and nothing on other systems', () => {
    const machine = bareMachine({ findFirefox: () => '/usr/bin/firefox' });
    ensureFirefox(machine, 'darwin');
    expect(machine.got).toEqual([]);
    ensureFirefox(machine, 'linux');
    expect(machine.got[1]).toBe('apt-get install -y --no-install-recommends xvfb');
  });

  it('is told what to do where apt-get may not or is no help', () => {
    expect(() => ensureFirefox(bareMachine({ hasApt: () => false }), 'linux')).toThrow(
      /misses Firefox and Xvfb\. .*found by FIREFOX.* sudo apt-get install firefox-esr libegl1 xvfb/,
    );
    expect(() => ensureFirefox(bareMachine(), 'linux')).toThrow(/that was no help/);
  });
});

describe('a machine without a working venv', () => {
  it("gets Debian's package of ensurepip, then the environment", () => {
    const machine: ReturnType<typeof bareMachine> = bareMachine();
    machine.ask = debianPython(() => machine.got.length > 1);
    ensureVenv(machine);
    expect(machine.got.slice(1)).toEqual([
      'apt-get install -y --no-install-recommends python3.11-venv',
      'python3.11 -m venv .venv',
    ]);
  });

  it('is told what to install where apt-get may not', () => {
    const machine = bareMachine({ hasApt: () => false, ask: debianPython(() => false) });
    expect(() => ensureVenv(machine)).toThrow(
      'python3.11 cannot make a virtual environment: its module venv or ensurepip is missing. Install it. On Debian and Ubuntu: sudo apt-get install python3.11-venv',
    );
    expect(machine.got).toEqual([]);
  });

  it('is told to install Python where there is none', () => {
    expect(() => ensureVenv(bareMachine({ hasApt: () => false }))).toThrow(/need Python 3\.11 or newer, and none was/);
    expect(() => ensureVenv(bareMachine())).toThrow(/apt-get has only an older one/);
  });

  it('is left alone where pip answers', () => {
    const machine = bareMachine({ ask: (_, args) => (args.includes('pip') ? 'pip 24' : null) });
    ensureVenv(machine);
    expect(machine.got).toEqual([]);
  });
});

describe('a machine without a compiler', () => {
  it('gets the compiler and the headers that it misses', () => {
    const machine = bareMachine({ ask: (_, [, code = '']) => (code.includes('%d') ? 'python3.11' : null) });
    ensureCompiler(machine, 'linux');
    expect(machine.got[1]).toBe('apt-get install -y --no-install-recommends g++ python3.11-dev');
    expect(() => ensureCompiler({ ...machine, hasApt: () => false }, 'linux')).toThrow(
      /miss g\+\+ and python3\.11-dev\./,
    );
  });

  it('gets nothing where both are there', () => {
    const machine = bareMachine({ ask: () => 'True' });
    ensureCompiler(machine, 'linux');
    expect(machine.got).toEqual([]);
  });
});

describe('a machine without web servers', () => {
  it('gets the ones that it misses', () => {
    const machine = bareMachine();
    ensureWebServers(machine);
    expect(machine.got[1]).toBe('apt-get install -y --no-install-recommends nginx-light caddy');
    const other = bareMachine({ ask: (command) => (command === '/usr/sbin/nginx' ? '' : null) });
    ensureWebServers(other);
    expect(other.got[1]).toBe('apt-get install -y --no-install-recommends caddy');
    expect(() => ensureWebServers(bareMachine({ hasApt: () => false }))).toThrow(
      'miss nginx-light and caddy. Install nginx and Caddy. On Debian and Ubuntu: sudo apt-get install nginx-light caddy',
    );
  });

  it('gets nothing where both are there', () => {
    const machine = bareMachine({ ask: () => '' });
    ensureWebServers(machine);
    expect(machine.got).toEqual([]);
  });
});
