#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Own harness (not from any fetched project). Send vector files (JSON lines) to a server and judge the replies.
usage: run-vectors.py HOST PORT FILE... [-j N] [--idle MS] [--no-body] [--split] [--require-close] [-v] [--json OUT]
Verdicts: pass; soft (refused, but with another status or without a reply where a status was named); fail; unsafe (more
2xx replies than the case can ever justify: desync); dead (the server stopped accepting connections)."""
import sys,json,socket,time,re,argparse,collections,os
from concurrent.futures import ThreadPoolExecutor
ap=argparse.ArgumentParser(); ap.add_argument('host');ap.add_argument('port',type=int);ap.add_argument('files',nargs='+')
ap.add_argument('-j',type=int,default=8);ap.add_argument('--idle',type=float,default=400);ap.add_argument('--no-body',action='store_true');ap.add_argument('-v',action='store_true');ap.add_argument('--json');ap.add_argument('--split',action='store_true',help='send one byte per write')
ap.add_argument('--tls',action='store_true',help='speak TLS, and trust anybody')
ap.add_argument('--require-close',action='store_true',help='a refusal that leaves the connection open is soft')
a=ap.parse_args()
if a.tls:
    import ssl
    TLS=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT); TLS.check_hostname=False; TLS.verify_mode=ssl.CERT_NONE
ST=re.compile(rb'HTTP/1\.[01] (\d{3})[ \r]')
def raw_of(v):
    if 'raw' in v: return v['raw'].encode('latin-1')
    return b''.join(p.encode('latin-1')*n for p,n in v['raw_parts'])
def exchange(v):
    steps=v.get('steps')
    chunks=[(s['raw'].encode('latin-1'),s.get('delay_ms',0),s.get('part')) for s in steps] if steps else [(raw_of(v),0,None)]
    out=b'';closed=False
    s=socket.create_connection((a.host,a.port),timeout=5); s.setsockopt(socket.IPPROTO_TCP,socket.TCP_NODELAY,1)
    if a.tls: s=TLS.wrap_socket(s,suppress_ragged_eofs=False)
    want=max(v.get('responses',1),1) if v['expect']=='accept' else 1
    def drain(limit,enough):
        nonlocal out,closed
        end=time.time()+limit
        while time.time()<end and not closed:
            s.settimeout(max(0.01,end-time.time()))
            try: d=s.recv(65536)
            except socket.timeout: break
            except OSError: closed=True;break
            if not d: closed=True;break
            out+=d
            if enough and len([c for c in ST.findall(out) if c[0:1]!=b'1'])>=enough: end=min(end,time.time()+0.12)
    try:
        for i,(b,dl,part) in enumerate(chunks):
            if closed: break
            try:
                if a.split and len(b)<2000:
                    for k in range(len(b)): s.sendall(b[k:k+1])
                else: s.sendall(b)
            except OSError: closed=True
            if dl: time.sleep(dl/1000)
            if i<len(chunks)-1 and not part: drain(a.idle/1000,i+1)
        lim=a.idle/1000
        if v.get('must_close'): lim=max(lim,1.5); drain(lim,0)
        elif v['expect']=='accept': drain(max(lim,1.0),want if not v.get('max_2xx') else 0)
        else: drain(lim,0)
    finally: s.close()
    return out,closed
def judge(v,out,closed):
    codes=[int(c) for c in ST.findall(out)]
    fin=[c for c in codes if c>=200]; n2=sum(200<=c<300 for c in fin); st=v.get('status')
    inr=lambda c:any(x<=c<=y for x,y in st) if st else None
    if 'safe_max_2xx' in v and n2>v['safe_max_2xx']: return 'unsafe'
    if 'max_2xx' in v and n2>v['max_2xx'] and v['expect']!='accept': return 'fail'
    if v.get('no_1xx') and 101 in codes: return 'fail'
    e=v['expect']
    if e=='accept':
        need=v.get('responses',1)
        if 'max_2xx' in v and n2>v['max_2xx']: return 'unsafe'
        good=[c for c in fin if (inr(c) if st else 200<=c<300)]
        if len(good)<need: return 'fail'
        if v.get('must_close') and (not closed or len(good)>need): return 'fail'
        if v.get('resp_header') and not all(re.search(rb'(?im)^'+h.encode()+rb':',out) for h in v['resp_header']): return 'fail'
        if v.get('body') and not a.no_body and not all(b.encode('latin-1') in out for b in v['body']): return 'fail'
        return 'pass'
    if e=='reject':
        before=v.get('responses_before',0)
        if n2>before: return 'fail'
        rest=fin[before:] if before else fin
        bad=[c for c in rest if c>=300]
        if bad:
            if a.require_close and not closed: return 'soft'
            return 'pass' if st is None or inr(bad[0]) else 'soft'
        if closed: return 'pass' if st is None or v.get('close_ok') else 'soft'
        return 'pass' if v.get('timeout_ok') else 'fail'
    if e=='wait':
        need=v.get('responses',0)
        if v.get('early_ok') and n2==need+1: return 'pass'
        if n2>need: return 'fail'
        if not closed and not [c for c in fin if c>=300]: return 'pass'
        if v.get('close_ok') or st: return 'pass'
        return 'fail'
    # either
    if v.get('must_close') and n2 and not closed: return 'soft'
    if not fin and not closed and not v.get('timeout_ok'): return 'soft'
    if st and fin and not inr(fin[0]): return 'soft'
    return 'pass'
def one(v):
    for t in range(2):
        try: out,closed=exchange(v); return v,judge(v,out,closed),out,closed
        except ConnectionRefusedError: return v,'dead',b'',True
        except Exception as ex: err=ex
    return v,'error:'+str(err),b'',True
tot=collections.Counter();rec=[];tier=collections.Counter()
for f in a.files:
    vs=[json.loads(l) for l in open(f) if l.strip()]
    with ThreadPoolExecutor(a.j) as ex: rs=list(ex.map(one,vs))
    c=collections.Counter(r[1] for r in rs); tot+=c
    name=os.path.basename(f).replace('vectors-','').replace('.jsonl','')
    print(f'{name:16s} n={len(vs):4d} '+' '.join(f'{k}={c[k]}' for k in ('pass','soft','fail','unsafe','dead') if c[k])+''.join(f' {k}={n}' for k,n in c.items() if k.startswith('error')))
    for v,j,o,cl in rs:
        rec.append({'id':v['id'],'verdict':j,'tier':v.get('tier')}); tier[v.get('tier'),'ok' if j=='pass' else j]+=1
        if a.v and j!='pass': print('   ',j,v['id'],v['expect'],v.get('status'),'got',[int(x) for x in ST.findall(o)],'closed' if cl else 'open','|',v['why'][:80])
print('TOTAL',sum(tot.values()),dict(tot))
for t in('must','strict','info'): print(' tier',t,{k[1]:n for k,n in sorted(tier.items()) if k[0]==t})
if a.json: json.dump(rec,open(a.json,'w'))
