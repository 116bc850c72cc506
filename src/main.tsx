document.title = 'Organscope';
