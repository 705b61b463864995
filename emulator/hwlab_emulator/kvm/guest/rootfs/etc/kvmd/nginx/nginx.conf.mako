# SPDX-License-Identifier: GPL-3.0-or-later
# Rendered by kvmd-nginx-mkconf to /run/kvmd/nginx.conf before each start.
worker_processes 1;

events {
    worker_connections 1024;
    accept_mutex off;
}

http {
    types_hash_max_size 4096;
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    charset utf-8;
    access_log off;
    sendfile on;
    server_tokens off;
    client_max_body_size 4k;
    client_body_temp_path /run/kvmd-nginx/body;
    fastcgi_temp_path /run/kvmd-nginx/fastcgi;
    proxy_temp_path /run/kvmd-nginx/proxy;
    scgi_temp_path /run/kvmd-nginx/scgi;
    uwsgi_temp_path /run/kvmd-nginx/uwsgi;

    include /etc/kvmd/nginx/kvmd.ctx-http.conf;
    include /usr/share/kvmd/extras/*/nginx.ctx-http.conf;

    server {
        listen ${http_port};
        % if ipv6_enabled:
        listen [::]:${http_port};
        % endif
        listen ${https_port} ssl;
        % if ipv6_enabled:
        listen [::]:${https_port} ssl;
        % endif
        server_name localhost;
        include /etc/kvmd/nginx/ssl.conf;
        include /etc/kvmd/nginx/kvmd.ctx-server.conf;
        include /usr/share/kvmd/extras/*/nginx.ctx-server.conf;
    }
}
