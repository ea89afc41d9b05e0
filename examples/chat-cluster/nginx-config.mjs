/** The configuration of nginx: WebSockets and the page, to whichever server has the fewest connections. */
export function nginxConfig({ port, ports, folder }) {
  return `
error_log stderr notice;
pid ${folder}/nginx.pid;
worker_processes 1;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  upstream room {
    least_conn;
    ${ports.map((one) => `server 127.0.0.1:${one};`).join('\n    ')}
  }
  map $http_upgrade $connection_upgrade { default upgrade; '' close; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://room;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      # The servers compare it with the page's Origin.
      proxy_set_header Host $http_host;
      # Longer than the pings of keepalive are apart.
      proxy_read_timeout 75s;
    }
  }
}
`;
}
